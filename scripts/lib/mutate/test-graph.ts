/** Which tests lead to a file, and over how many others: what a test never loads it cannot notice. */
import { posix } from "node:path";

/** Any text that may be a path: imports, and what tests start as a program of its own */
const quoted = /["'`]([^"'`\s]+\.(?:ts|txt|sh|Dockerfile))["'`]/g;

/** Path of a bundle → the program that it is made from. */
export type Bundles = Readonly<Record<string, string>>;

/** Path → the paths that name it. `files` are the texts of sources, tests and scripts by path. */
export function findNamers(
  files: ReadonlyMap<string, string>,
  bundles: Bundles,
): ReadonlyMap<string, ReadonlySet<string>> {
  const namers = new Map<string, Set<string>>();
  for (const [path, text] of files) {
    for (const [, name = ""] of text.matchAll(quoted)) {
      const beside = posix.join(posix.dirname(path), name);
      const found = [bundles[beside], beside, name].find((one) => one !== undefined && files.has(one));
      if (found === undefined || found === path) continue;
      const some = namers.get(found) ?? new Set();
      namers.set(found, some.add(path));
    }
  }
  return namers;
}

/** What leads to a file by names: path → over how many others. The file itself is the first, and the nearest come before the others. */
export function measureDistances(
  file: string,
  namers: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlyMap<string, number> {
  const distances = new Map([[file, 0]]);
  // Grows while it is walked, in the order of the distance
  for (const [path, distance] of distances) {
    for (const namer of namers.get(path) ?? []) {
      if (!distances.has(namer)) distances.set(namer, distance + 1);
    }
  }
  return distances;
}

/** Tests below one of the folders, the file's twin first, then the nearest, and else by name. */
export function findReachingTests(
  file: string,
  distances: ReadonlyMap<string, number>,
  folders: readonly string[],
): string[] {
  const stem = file.replace(/^src\//, "").replace(/\.ts$/, "");
  const twins = new Set(folders.map((folder) => `${folder}/${stem}.test.ts`));
  return [...distances]
    .filter(([path]) => path.endsWith(".test.ts") && folders.some((folder) => path.startsWith(`${folder}/`)))
    .map(([path, distance]) => ({ path, distance: twins.has(path) ? 0 : distance }))
    .toSorted((a, b) => a.distance - b.distance || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
}
