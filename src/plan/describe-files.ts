/** Files of the user's that go in by name, in rows for the preflight. */
import { at } from "./at-source.ts";
import { describeAmount, nameSome, shortDigest } from "./phrases.ts";
import type { FilesPlan } from "./plan.ts";

/** What goes where, from where and how much of it, and what does not go. */
export function describeFiles(one: FilesPlan): string[][] {
  return [
    [one.target, describeAmount(one), at(one.source)],
    ["", "from", `${one.path} ${shortDigest(one)}`],
    ...leftOutRows(one.leftOut),
  ];
}

/** No row where nothing is left out. */
export function leftOutRows(paths: readonly string[]): string[][] {
  if (paths.length === 0) return [];
  const what =
    paths.length === 1
      ? "which leads out of the folder or is a special file"
      : "which lead out of the folder or are special files";
  return [["", "without", `${nameSome(paths)}, ${what}`]];
}
