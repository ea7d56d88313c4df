/** The files of a folder that look like credentials, for the plan to name. */
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { findCredentialFiles, holdsCredential, putTestsLast } from "../core/credential-files.ts";
import { bytesToLookAt } from "../core/credential-text.ts";
import { readBeginning } from "./plain-file.ts";

/** Open files at a time */
const maxAtOnce = 32;

/**
 * Those of `paths`, which are relative to `directory` and with `/`, that are plain files and look like credentials. One that cannot be
 * read counts as what its name says.
 */
export async function lookForCredentials(directory: string, paths: readonly string[]): Promise<string[]> {
  const { certain, doubtful } = findCredentialFiles(paths);
  const isOne = new Map<string, boolean>();
  const look = async (path: string, needsLook: boolean) => {
    const full = join(directory, path);
    // Of bytes that are no text, which this runtime cannot open by a string
    if (!path.isWellFormed()) return true;
    // What a link leads to stays on this machine, and an empty file is a placeholder
    const isSomething = await lstat(full).then(
      (status) => status.isFile() && status.size > 0,
      () => false,
    );
    if (!isSomething) return false;
    if (!needsLook) return true;
    const content = await readBeginning(full, bytesToLookAt, directory).catch(() => undefined);
    return content === undefined || holdsCredential(path, content);
  };
  const waiting = [
    ...certain.map((path) => [path, false] as const),
    ...doubtful.map((path) => [path, true] as const),
  ];
  const work = waiting.values();
  await Promise.all(
    Array.from({ length: maxAtOnce }, async () => {
      for (const [path, needsLook] of work) isOne.set(path, await look(path, needsLook));
    }),
  );
  return putTestsLast(paths.filter((path) => isOne.get(path)));
}
