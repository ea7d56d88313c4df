/**
 * Where programs of this machine are looked for. A `PATH` with an empty or a relative entry means the working directory, which may be
 * somebody else's project: its `git` is not ours to run.
 */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** The system's own; root's alone to write. For programs that every system has, and in place of a `PATH` that leads nowhere */
export const systemPath = "/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin";

/**
 * The entries of `path` that are absolute and not inside the project at `cwd`, by their real place too. The home folder is no
 * project, nor is what holds it. Never empty, since systems take an empty one for the working directory.
 */
export function programPath(
  path: string | undefined,
  { cwd, home }: { readonly cwd: string; readonly home: string },
): string {
  const root = projectRoot(cwd, home);
  const isOutside = (folder: string) => root === undefined || !isWithin(folder, root);
  const entries = (path ?? "")
    .split(":")
    .filter((entry) => entry.startsWith("/") && isOutside(entry) && isOutside(realPlace(entry)));
  return entries.length === 0 ? systemPath : entries.join(":");
}

/** The repository's root, or the working directory outside of one; as `projectFolders` finds it, but with links resolved. */
function projectRoot(cwd: string, home: string): string | undefined {
  const place = realPlace(cwd);
  const ownHome = realPlace(home);
  if (isWithin(ownHome, place)) return undefined;
  for (let folder = place; folder !== ownHome; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return isWithin(ownHome, folder) ? place : folder;
    if (folder === dirname(folder)) break;
  }
  return place;
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);
}

/** What is not there holds no program, wherever it would be. */
function realPlace(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
