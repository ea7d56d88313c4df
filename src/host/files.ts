/** Files of ours on this machine: read if they are there, written whole or not at all, readable by the user alone. */
import { mkdir, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { BottleError, messageOf } from "../core/error.ts";
import { quote } from "../core/text.ts";

/** The text of a file; undefined if it is not there. Any other trouble is an error that names the file. */
export async function findText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
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

/** Writes through a draft and a rename, so that a crash or a full disk leaves the old file. Folders are made with mode 0700. */
export async function writeAtomically(path: string, text: string, mode = 0o600): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(draft, "w", mode);
    try {
      await file.writeFile(text);
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

/** As `writeAtomically`, for a file of the user's: a link stays a link (dotfiles), and the mode stays what it was. */
export async function writeThrough(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then(
    (status) => status.mode & 0o777,
    () => 0o644,
  );
  await writeAtomically(target, text, mode);
}

/** True for the error of a path that does not exist. */
export function isMissing(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}

function cannot(action: string, path: string, cause: unknown): BottleError {
  return new BottleError({
    code: "file",
    message: `Cannot ${action} ${quote(path)}: ${messageOf(cause)}`,
    cause,
  });
}
