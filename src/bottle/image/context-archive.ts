/** The archive that a manifest's Dockerfile is built from: the approved text of the Dockerfile, and the files that it copies from. */
import type { TarEntry } from "../../archive/small-tar.ts";
import { streamTar } from "../../archive/tar-stream.ts";
import type { BuildContext } from "../../core/build-context.ts";
import type { FileEntry } from "../../core/file-entry.ts";

/** Of a Dockerfile that has no place among the files, or is to have none */
const apartName = ".claude-bottle.Dockerfile";
/** The classic builder takes what it names out of the archive once it has read it; BuildKit would have COPY take both */
const hiding = { path: ".dockerignore", mode: 0o644, content: `${apartName}\n.dockerignore\n` };

export interface ContextArchive {
  readonly tar: ReadableStream<Uint8Array>;
  /** Where the Dockerfile is in it */
  readonly dockerfile: string;
}

/** Makes the archive, whose files are read when their turn comes. `onSent` is told how many bytes of them have been. */
export function packContext(
  text: string,
  context: BuildContext,
  { builder, onSent }: { readonly builder: "1" | "2"; readonly onSent: (bytes: number) => void },
): ContextArchive {
  const canHide = builder === "1" && !context.entries.some((entry) => entry.path === hiding.path);
  const own = canHide && context.hidesDockerfile ? undefined : context.dockerfile;
  const dockerfile = own ?? apartName;
  const first: TarEntry[] = [{ path: dockerfile, mode: 0o644, content: text }];
  if (canHide && own === undefined) first.push(hiding);
  // A file of that name is not to take the approved text's place
  const entries = context.entries.filter((entry) => entry.path !== dockerfile);
  const files = readCounting(entries, onSent);
  return { dockerfile, tar: streamTar(first, [{ prefix: ".", files, uid: 0 }]) };
}

function* readCounting(entries: readonly FileEntry[], onSent: (bytes: number) => void): Generator<FileEntry> {
  let sent = 0;
  for (const entry of entries) {
    yield entry;
    sent += entry.size;
    onSent(sent);
  }
}
