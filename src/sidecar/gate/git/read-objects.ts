/** Commits and trees as bytes: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
import { unreadable } from "./pack.ts";
import type { HashName } from "./pack.ts";

interface TreeEntry {
  readonly name: string;
  readonly id: string;
}

/** Throws a `GitProblem` for what is none. */
export function readCommit(bytes: Buffer): { readonly tree: string; readonly parents: readonly string[] } {
  const end = bytes.indexOf("\n\n");
  const lines = bytes.toString("latin1", 0, end < 0 ? bytes.length : end).split("\n");
  const tree = /^tree ([0-9a-f]{40,64})$/.exec(lines[0] ?? "")?.[1];
  if (tree === undefined) throw unreadable("a commit is none");
  const parents: string[] = [];
  for (const line of lines.slice(1)) {
    const parent = /^parent ([0-9a-f]{40,64})$/.exec(line)?.[1];
    // They stand together: one further down belongs to another header
    if (parent === undefined) break;
    parents.push(parent);
  }
  return { tree, parents };
}

/** Names and ids in a folder. Throws a `GitProblem` for what is none. */
export function listTree(bytes: Buffer, hash: HashName): TreeEntry[] {
  const idBytes = hash === "sha1" ? 20 : 32;
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const nul = bytes.indexOf(0, at);
    const end = nul + 1 + idBytes;
    if (space < 0 || nul < space || end > bytes.length) throw unreadable("a folder is none");
    entries.push({ name: bytes.toString("latin1", space + 1, nul), id: bytes.toString("hex", nul + 1, end) });
    at = end;
  }
  return entries;
}

/** The id of what has this name in a folder. */
export function findEntry(bytes: Buffer, hash: HashName, name: string): string | undefined {
  return listTree(bytes, hash).find((one) => one.name === name)?.id;
}
