/** The refs of a git folder of ours, in one file: none of them costs a program, and none stands in another's way on the disk. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ref } from "./agent-refs.ts";
import { findCommits } from "./ask-git.ts";
import type { GitPlace } from "./git.ts";

/** Creates what git takes for a ref and has an object for; a bad name or a missing commit costs that one branch. */
export async function createRefs(place: GitPlace, refs: readonly Ref[]): Promise<void> {
  const named = refs.filter(([name]) => isRefName(name));
  const there = await findCommits(
    place,
    named.map(([, id]) => id),
    ["commit", "tag"],
  );
  const known = place.refs ?? new Map<string, string>();
  const folders = new Set([...known.keys()].flatMap(foldersOf));
  for (const [name, id] of named) {
    // A name cannot be below another: no repository could take both
    if (!there.has(id) || folders.has(name) || foldersOf(name).some((one) => known.has(one))) continue;
    known.set(name, id);
    for (const folder of foldersOf(name)) folders.add(folder);
  }
  write(place, known);
}

/** Names below the prefixes, sorted; bytes as latin1, as git writes and reads them. */
export function listRefs({ refs = new Map() }: GitPlace, prefixes: readonly string[]): string[] {
  return [...refs.keys()]
    .filter((name) => prefixes.some((one) => name.startsWith(`${one}/`)))
    .map((name) => Buffer.from(name, "utf8").toString("latin1"))
    .toSorted();
}

/** The rules of git-check-ref-format(1). */
export function isRefName(name: string): boolean {
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$/.test(name)) return false;
  const parts = name.split("/");
  return (
    parts.length > 1 && parts.every((one) => !one.startsWith(".") && !one.endsWith(".lock") && one !== "")
  );
}

function foldersOf(name: string): string[] {
  const parts = name.split("/");
  return parts.slice(1, -1).map((_, index) => parts.slice(0, index + 2).join("/"));
}

function write({ gitFolder }: GitPlace, refs: ReadonlyMap<string, string>): void {
  const lines = [...refs].map(([name, id]) => `${id} ${name}\n`);
  writeFileSync(join(gitFolder, "packed-refs"), lines.join(""), "utf8");
}
