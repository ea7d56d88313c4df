/** Claude's own record of its sessions as an uncompressed tar: plain files, newest first until the limit is met. */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { writeArchive } from "./archive.ts";

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
        `the transcript is larger than its limit, and ${found.length - chosen.length} files of it were left out`,
      );
      break;
    }
    chosen.push(one.path);
  }
  if (chosen.length === 0) return false;
  await writeArchive(
    folder,
    file,
    chosen.map((path) => Buffer.from(path, "utf8").toString("latin1")),
  );
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
