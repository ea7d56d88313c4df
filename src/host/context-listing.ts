/** What of a folder is sent to the engine as a build context: plain files, folders, and links that stay in it. Nothing is read yet. */
import { lstat, readdir, readlink } from "node:fs/promises";
import { join, posix } from "node:path";
import { BottleError, sayWhy } from "../core/error.ts";
import type { FileEntry } from "../core/file-entry.ts";
import { countOf, escapeForTerminal, quote, renderBytes } from "../core/text.ts";

import type { IgnoreRules, Verdict } from "./ignore-rules.ts";

/** What is larger is most often a folder that the ignore file should name, and would be read again at every start */
const contextLimits = { entries: 50_000, bytes: 512 * 1024 * 1024 };

/** Everything but the paths that are left out, unread; an ignored folder only if something in it is not ignored. */
export async function listContext(
  directory: string,
  rules: IgnoreRules,
  leftOut: ReadonlySet<string>,
  limits = contextLimits,
): Promise<FileEntry[]> {
  const found: FileEntry[] = [];
  const check = makeTally(directory, limits);
  const walk = async (folder: string, above?: Verdict): Promise<void> => {
    const names = await readdir(join(directory, folder)).catch((cause: unknown) => {
      throw unfit(directory, folder, `it cannot be read (${sayWhy(cause)})`);
    });
    for (const name of names) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const verdict = rules.judge(path, above);
      const { isIgnored } = verdict;
      if (leftOut.has(path) || (isIgnored && !rules.mayKeepBelow(path))) continue;
      const entry = await readEntry(directory, path, isIgnored);
      if (!entry) continue;
      check(entry);
      const count = found.push(entry);
      if (entry.kind === "directory") await walk(path, verdict);
      if (isIgnored && found.length === count) found.pop();
    }
  };
  await walk("");
  return found;
}

/** Undefined for what is ignored and no folder, and so of no interest whatever it is. */
async function readEntry(
  directory: string,
  path: string,
  isIgnored: boolean,
): Promise<FileEntry | undefined> {
  const full = join(directory, path);
  const status = await lstat(full).catch((cause: unknown) => {
    const isText = !path.includes("\u{fffd}");
    throw unfit(directory, path, isText ? `it cannot be read (${sayWhy(cause)})` : "its name is not UTF-8");
  });
  const common = { path, mode: status.mode & 0o7777, size: 0, changedAt: status.mtime };
  if (status.isDirectory()) return { ...common, kind: "directory" };
  if (isIgnored) return undefined;
  if (status.isFile()) return { ...common, kind: "file", size: status.size };
  if (!status.isSymbolicLink()) throw unfit(directory, path, "it is a special file");
  const linkTarget = await readlink(full);
  const target = posix.join(posix.dirname(path), linkTarget);
  const leadsOut = linkTarget.startsWith("/") || target === ".." || target.startsWith("../");
  if (leadsOut) throw unfit(directory, path, `it is a link to ${quote(linkTarget)}, outside of the folder`);
  return { ...common, kind: "symlink", mode: 0o777, linkTarget };
}

/** Counts what goes in, and throws at once where that is too much. */
function makeTally(directory: string, limits: typeof contextLimits): (entry: FileEntry) => void {
  const sizes = new Map<string, { entries: number; bytes: number }>();
  const all = { entries: 0, bytes: 0 };
  return ({ path, size }) => {
    const name = path.replace(/(?<=\/).*/s, "");
    const own = sizes.get(name) ?? { entries: 0, bytes: 0 };
    sizes.set(name, own);
    for (const one of [own, all]) {
      one.entries += 1;
      one.bytes += size;
    }
    const tooMuch =
      all.entries > limits.entries
        ? `${limits.entries} files and folders`
        : all.bytes > limits.bytes
          ? renderBytes(limits.bytes)
          : undefined;
    if (tooMuch !== undefined) throw tooLarge(directory, tooMuch, sizes);
  };
}

function tooLarge(
  directory: string,
  limit: string,
  sizes: ReadonlyMap<string, { readonly entries: number; readonly bytes: number }>,
): BottleError {
  const largest = [...sizes].toSorted(([, a], [, b]) => b.bytes - a.bytes || b.entries - a.entries);
  return new BottleError({
    code: "input",
    message: `Cannot use the build context ${quote(directory)}: it has more than ${limit}`,
    details: largest.slice(0, 3).map(([name, { entries, bytes }]) => {
      return `${escapeForTerminal(name)}: ${countOf(entries, "entry", "entries")}, ${renderBytes(bytes)} so far`;
    }),
    hint: 'Name what the image does not need in ".dockerignore", or use a smaller folder.',
  });
}

/** One file or folder that cannot be sent; `path` is empty for the context itself. */
export function unfit(directory: string, path: string, state: string): BottleError {
  return new BottleError({
    code: "input",
    message: `Cannot send ${quote(path || ".")} of the build context ${quote(directory)}: ${escapeForTerminal(state)}`,
    hint: 'Name it in ".dockerignore" if the image does not need it.',
  });
}
