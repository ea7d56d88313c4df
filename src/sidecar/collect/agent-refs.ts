/** An agent's refs, read from its files, and which of them are new or moved. */
import { join } from "node:path";
import { listFolder, objectId, readSmall } from "./agent-git-folder.ts";
import { tell } from "./problems.ts";

export type Ref = readonly [name: string, id: string];

/** An agent with more than this has made them to trouble us */
export const maxRefs = 4_000;
/** Of the agent's own; the rest is left for what is not committed, stashed or lost */
const maxChanged = 3_500;
/** Longer names than any file system has make lists that nobody takes */
const maxNameBytes = 300;
const maxPackedBytes = 64 * 1024 * 1024;
const kinds = ["refs/heads", "refs/tags", "refs/notes"] as const;

/** Branches, tags and notes. A loose ref goes before a packed one of the same name. */
export function readRefs(common: string): Map<string, string> {
  const refs = [...readPacked(common, kinds), ...kinds.flatMap((kind) => readLoose(common, kind))];
  return new Map(refs.filter(([name]) => !/[\0-\x20\x7f]/.test(name)));
}

/** Where remotes were when the agent last asked them: their commits are nobody's work here. */
export function readRemotes(common: string): string[] {
  return [...readPacked(common, ["refs/remotes"]), ...readLoose(common, "refs/remotes")].map(([, id]) => id);
}

/** Those that are not as they went in. */
export function findChanged(
  refs: ReadonlyMap<string, string>,
  wentIn: readonly { name: string; id: string }[],
): Ref[] {
  const before = new Map(wentIn.map(({ name, id }) => [name, id]));
  const moved = [...refs].filter(([name, id]) => before.get(name) !== id);
  // Those that people know go first
  const changed = moved.toSorted(([a], [b]) => Number(before.has(b)) - Number(before.has(a)));
  const taken = changed.filter(([name]) => Buffer.byteLength(name) <= maxNameBytes).slice(0, maxChanged);
  const left = changed.length - taken.length;
  if (left > 0)
    tell(
      `${left} branches, tags and notes: at most ${maxChanged} are taken, with names of up to ${maxNameBytes} bytes`,
    );
  return taken;
}

function readPacked(common: string, prefixes: readonly string[]): Ref[] {
  const lines = (readSmall(join(common, "packed-refs"), maxPackedBytes) ?? "").split("\n");
  return lines.flatMap((line): Ref[] => {
    const space = line.indexOf(" ");
    const id = line.slice(0, space);
    const name = line.slice(space + 1);
    return objectId.test(id) && prefixes.some((prefix) => name.startsWith(`${prefix}/`)) ? [[name, id]] : [];
  });
}

function readLoose(common: string, top: string): Ref[] {
  const found: Ref[] = [];
  const walk = (name: string): void => {
    for (const entry of listFolder(join(common, name))) {
      if (found.length > maxRefs) return;
      const path = `${name}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else {
        const id = readSmall(join(common, path))?.trim();
        if (id !== undefined && objectId.test(id)) found.push([path, id]);
      }
    }
  };
  walk(top);
  return found;
}
