/** Claude's own record of its sessions as an uncompressed tar: plain files, newest first until the limit is met. */
import { spawn } from "node:child_process";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

interface Found {
  readonly path: string;
  readonly size: number;
  readonly changedAt: number;
}

const maxFiles = 5_000;
/** What a tar needs for each file beside its content */
const overheadBytes = 3 * 1024;

/** Writes the archive; false if there is nothing. */
export async function writeTranscript(
  folder: string,
  file: string,
  maxBytes: number,
  onProblem: (text: string) => void,
): Promise<boolean> {
  const found: Found[] = [];
  walk(folder, "", found);
  const chosen: string[] = [];
  let left = maxBytes - 10 * 1024;
  for (const one of found.toSorted((a, b) => b.changedAt - a.changedAt)) {
    left -= one.size + overheadBytes;
    if (left < 0) {
      onProblem(
        `the transcript is larger than its limit, and ${found.length - chosen.length} files of it stay behind`,
      );
      break;
    }
    chosen.push(one.path);
  }
  if (chosen.length === 0) return false;
  await runTar(folder, file, chosen);
  return true;
}

function walk(folder: string, relative: string, found: Found[]): void {
  let entries;
  try {
    entries = readdirSync(join(folder, relative), { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    if (found.length >= maxFiles) return;
    const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
    if (entry.isDirectory()) walk(folder, path, found);
    else if (entry.isFile()) {
      const status = lstatSync(join(folder, path), { throwIfNoEntry: false });
      if (status) found.push({ path, size: status.size, changedAt: status.mtimeMs });
    }
  }
}

function runTar(folder: string, file: string, paths: readonly string[]): Promise<void> {
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
    const child = spawn("tar", words, { cwd: folder, stdio: ["pipe", "ignore", "ignore"], timeout: 120_000 });
    child.on("error", reject);
    // 1: a file changed while it was read, as claude's does while claude is running
    child.on("close", (code) =>
      code === 0 || code === 1 ? resolve() : reject(new Error(`tar ended with ${code}`)),
    );
    child.stdin.on("error", () => undefined);
    child.stdin.end(paths.map((path) => `${path}\0`).join(""));
  });
}
