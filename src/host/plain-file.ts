/** Reading a file that was listed earlier, and only if it is still that file's place: what a link leads to stays on the host. */
import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fromText } from "../archive/byte-names.ts";
import { isOpenedAt } from "../archive/opened-at.ts";
import { BottleError, messageOf } from "../core/error.ts";
import { escapeForTerminal, quote } from "../core/text.ts";

/**
 * Reads a file below `root` that was a plain file when it was listed. It is opened without following a link and checked on the open
 * file, so that swapping it or a folder above it for a link in between gives an error and not another file's content.
 */
export function readRegularFile(path: string, root = dirname(path)): Promise<Uint8Array> {
  return withRegularFile(path, root, (file) => file.readFile());
}

/** As `readRegularFile`, but at most so many bytes. */
export function readBeginning(path: string, bytes: number, root: string): Promise<Uint8Array> {
  return withRegularFile(path, root, async (file) => {
    const content = new Uint8Array(bytes);
    let filled = 0;
    while (filled < bytes) {
      const { bytesRead } = await file.read(content, filled, bytes - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return content.subarray(0, filled);
  });
}

async function withRegularFile(
  path: string,
  root: string,
  read: (file: FileHandle) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) throw new Error("it is no longer a plain file");
    const expected = join(await realpath(root), relative(root, path));
    if (!isOpenedAt(file.fd, fromText(path), fromText(expected)))
      throw new Error("a folder above it is a link now");
    return await read(file);
  } catch (cause) {
    throw new BottleError({
      code: "file",
      message: `Cannot copy ${quote(path)}: it changed after it was listed (${escapeForTerminal(messageOf(cause))})`,
      hint: "Start again once nothing changes the files.",
      cause,
    });
  } finally {
    await file?.close();
  }
}
