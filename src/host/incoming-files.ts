/** A folder for what comes out of a bottle until it has been checked: inside the session's record, on the same disk, gone afterwards. */
import type { BroughtRef, LeftOutput } from "../protocol/receipt.ts";
import { mkdir, mkdtemp, open, readdir, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { unpackBrought } from "./brought-files.ts";
import type { UnpackedFiles } from "./brought-files.ts";
import { checkWholeBundle, fetchBundle } from "./fetch-bundle.ts";
import { readText, writeWhole } from "./files.ts";
import { nameKnownRefs } from "./known-refs.ts";
import { unpackTranscript } from "./transcript-files.ts";

type Env = Readonly<Record<string, string | undefined>>;

export interface Incoming {
  readonly folder: string;
  /** A new file, open for writing */
  create(name: string): Promise<{ write(data: Uint8Array): Promise<void>; end(): Promise<void> }>;
  /** Removes what is in it; no file may be open. */
  clear(): Promise<void>;
  remove(): Promise<void>;
}

/** `record` is the session's folder, which is made if it is not there. */
export async function openIncoming(record: string): Promise<Incoming> {
  await mkdir(record, { recursive: true, mode: 0o700 });
  // What a killed predecessor left; the lock on the session says that there is no living one
  for (const name of await readdir(record)) {
    if (name.startsWith("incoming-")) await rm(join(record, name), { recursive: true, force: true });
  }
  const folder = await mkdtemp(join(record, "incoming-"));
  const unfinished = new Set<FileHandle>();
  return {
    folder,
    async create(name) {
      const file = await open(join(folder, name), "wx", 0o600);
      unfinished.add(file);
      return {
        write: (data) => writeWhole(file, data),
        async end() {
          await file.sync();
          unfinished.delete(file);
          await file.close();
        },
      };
    },
    async clear() {
      for (const name of await readdir(folder)) await rm(join(folder, name));
    },
    async remove() {
      await Promise.all([...unfinished].map((file) => file.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Into the repository it belongs to. */
export async function takeBundle(
  incoming: Incoming,
  name: string,
  place: { readonly repository: string; readonly session: string; readonly env: Env },
): Promise<Omit<BroughtRef, "repository">[]> {
  return fetchBundle({ ...place, bundle: join(incoming.folder, name), scratch: incoming.folder });
}

/** Into the record, for a user whose folder is no repository. */
export async function keepBundle(
  incoming: Incoming,
  name: string,
  record: string,
  env: Env,
): Promise<string> {
  await checkWholeBundle(join(incoming.folder, name), incoming.folder, env);
  return keepFile(incoming, name, record, "commits.bundle");
}

/** Moves a file into the record, over an earlier one of the same name. */
export async function keepFile(
  incoming: Incoming,
  name: string,
  record: string,
  as: string,
): Promise<string> {
  await rename(join(incoming.folder, name), join(record, as));
  return as;
}

/** Branches, tags and notes whose commits are known already. */
export async function takeRefs(
  incoming: Incoming,
  name: string,
  place: { readonly repository: string; readonly session: string; readonly env: Env },
): Promise<Omit<BroughtRef, "repository">[]> {
  return nameKnownRefs({ ...place, list: await readText(join(incoming.folder, name)) });
}

/** What the collector says of ignored files. */
export async function readLeftOutput(incoming: Incoming, name: string): Promise<LeftOutput[]> {
  const value: unknown = JSON.parse(await readText(join(incoming.folder, name)));
  if (!Array.isArray(value)) throw new Error("its list of ignored files has the wrong form");
  return value.slice(0, 200).map((entry: unknown) => {
    const { path, bytes, isMore } = Object(entry) as Record<string, unknown>;
    return { path: String(path).slice(0, 4_096), bytes: Number(bytes) || 0, isMore: isMore === true };
  });
}

/** The record's `brought/` is replaced as a whole, unless nothing comes. Gives a sentence for each file that was refused. */
export async function keepBrought(incoming: Incoming, name: string, record: string): Promise<UnpackedFiles> {
  const fresh = join(incoming.folder, "brought");
  const unpacked = await unpackBrought(join(incoming.folder, name), fresh);
  if (unpacked.files === 0) return unpacked;
  await rm(join(record, "brought"), { recursive: true, force: true });
  await rename(fresh, join(record, "brought"));
  return unpacked;
}

/**
 * The record's `transcript/` is replaced as a whole, by what stands below `root` in the archive. Gives the id of the session that claude
 * wrote to last; undefined for an archive without a file, which changes nothing.
 */
export async function keepTranscript(
  incoming: Incoming,
  name: string,
  record: string,
  root: string | undefined,
): Promise<{ readonly claudeSession: string | undefined } | undefined> {
  const fresh = join(incoming.folder, "unpacked");
  await mkdir(fresh, { mode: 0o700 });
  const names = await unpackTranscript(join(incoming.folder, name), fresh, root);
  if (names.length === 0) return undefined;
  await rm(join(record, "transcript"), { recursive: true, force: true });
  await rename(fresh, join(record, "transcript"));
  const session = names.map(
    (one) => /^[^/]+\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/.exec(one)?.[1],
  );
  return { claudeSession: session.find((id) => id !== undefined) };
}
