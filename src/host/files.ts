/** Files of ours on this machine: read if they are there, written whole or not at all, readable by the user alone. */
import { constants } from "node:fs";
import { mkdir, open, readdir, realpath, rename, rm, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BottleError, sayWhy } from "../core/error.ts";
import { escapeForTerminal, quote, renderBytes } from "../core/text.ts";

/** What a manifest names may be anything: /dev/zero has no end, and a FIFO waits for ever */
const maxTextBytes = 16 * 1024 * 1024;
/** Of what `writeAtomically` has not finished */
export const draftEnding = ".draft";

/** The text of a file; undefined if it is not there. Any other trouble is an error that names the file. */
export async function findText(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const status = await file.stat();
      if (!status.isFile()) throw new Error("it is not a plain file");
      if (status.size > maxTextBytes) throw new Error(`it is larger than ${renderBytes(maxTextBytes)}`);
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw cannot("read", path, error);
  }
}

/** The text of a file that must be there. */
export async function readText(path: string): Promise<string> {
  const text = await findText(path);
  if (text === undefined) throw cannot("read", path, new Error("there is no such file"));
  return text;
}

/** Removes the drafts that killed writers left in a folder, which need not be there; nobody may be writing in it now. */
export async function removeDrafts(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const drafts = names.filter((name) => name.endsWith(draftEnding));
  await Promise.all(drafts.map((name) => rm(join(folder, name), { force: true })));
}

/** Writes through a draft and a rename, so that a crash or a full disk leaves the old file. Folders are made with mode 0700. */
export async function writeAtomically(path: string, text: string, mode = 0o600): Promise<void> {
  // Not to be guessed, and never an existing file: in a project's folder a link could wait under a known name
  const draft = `${path}.${crypto.randomUUID()}${draftEnding}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(draft, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw cannot("write", path, error);
  }
}

/** Writes all of it at the file's position: one write may take less, on a disk that fills up for instance, and say so by a number alone. */
export async function writeWhole(file: Pick<FileHandle, "write">, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length;) at += (await file.write(data, at, data.length - at)).bytesWritten;
}

/** As `writeAtomically`, for a file of the user's: a link stays a link (dotfiles), and the mode stays what it was. */
export async function writeThrough(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then(
    (status) => status.mode & 0o777,
    () => 0o666 & ~process.umask(),
  );
  await writeAtomically(target, text, mode);
}

/** True for a folder, or a link to one. */
export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

/** True for the error of a path that does not exist. */
export function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** True if there is no room for more, or none for this user */
function isFull(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}

function cannot(action: string, path: string, cause: unknown): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot ${action} ${quote(path)}: ${escapeForTerminal(sayWhy(cause))}`,
    hint: isFull(cause) ? "Free space on the disk that it is on." : "Check the path and who may use it.",
    cause,
  });
}
