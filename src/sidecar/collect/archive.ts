/** An uncompressed tar of plain files and links, by the image's own tar. */
import { spawn } from "node:child_process";

const timeoutMs = 600_000;

/** `paths` are relative to `folder`, bytes as latin1. */
export function writeArchive(folder: string, file: string, paths: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const words = [
      "--create",
      "--file",
      file,
      "--format=posix",
      "--no-recursion",
      "--null",
      "--verbatim-files-from",
      "--files-from=-",
    ];
    const child = spawn("tar", words, {
      cwd: folder,
      stdio: ["pipe", "ignore", "ignore"],
      timeout: timeoutMs,
    });
    child.on("error", reject);
    // 1: a file changed while it was read, as claude's does while claude is running
    child.on("close", (code) =>
      code === 0 || code === 1 ? resolve() : reject(new Error(`tar ended with ${code}`)),
    );
    child.stdin.on("error", () => undefined);
    child.stdin.end(Buffer.from(paths.map((path) => `${path}\0`).join(""), "latin1"));
  });
}
