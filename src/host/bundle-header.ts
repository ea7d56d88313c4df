/** The text in front of a git bundle's pack, read by us: what it claims to hold decides what git is asked to take from it. */
import { open } from "node:fs/promises";

export interface BundleHeader {
  readonly refs: readonly { readonly id: string; readonly name: string }[];
  /** Commits that the receiver must have */
  readonly prerequisites: readonly string[];
  readonly objectFormat: "sha1" | "sha256";
  /** Where the pack begins */
  readonly packOffset: number;
}

const maxHeaderBytes = 2 * 1024 * 1024;
const maxRefs = 4_000;

/** Throws with a sentence if it is none that we take. */
export async function readBundleHeader(path: string): Promise<BundleHeader> {
  const file = await open(path, "r");
  try {
    const buffer = Buffer.alloc(maxHeaderBytes);
    const { bytesRead } = await file.read(buffer, 0, maxHeaderBytes, 0);
    return parseBundleHeader(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** The text up to the first empty line; what follows is a pack. Throws with a sentence if it is none that we take. */
export function parseBundleHeader(bytes: Buffer): BundleHeader {
  const end = bytes.indexOf("\n\n");
  if (end < 0) throw new Error("its header has no end");
  const [signature, ...lines] = bytes.toString("utf8", 0, end).split("\n");
  if (signature !== "# v2 git bundle" && signature !== "# v3 git bundle")
    throw new Error("it is not a bundle");
  const refs: { id: string; name: string }[] = [];
  const prerequisites: string[] = [];
  let objectFormat: BundleHeader["objectFormat"] = "sha1";
  for (const line of lines) {
    const capability = /^@object-format=(sha1|sha256)$/.exec(line)?.[1];
    const prerequisite = /^-([0-9a-f]{40,64})(?: .*)?$/s.exec(line)?.[1];
    const ref = /^([0-9a-f]{40}|[0-9a-f]{64}) (\S.*)$/s.exec(line);
    if (capability !== undefined) objectFormat = capability as BundleHeader["objectFormat"];
    else if (prerequisite !== undefined) prerequisites.push(prerequisite);
    else if (ref) refs.push({ id: ref[1] ?? "", name: ref[2] ?? "" });
    else throw new Error("its header has a line that does not belong there");
    if (refs.length > maxRefs) throw new Error(`it has more than ${maxRefs} branches`);
  }
  return { refs, prerequisites, objectFormat, packOffset: end + 2 };
}
