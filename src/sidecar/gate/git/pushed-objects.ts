/** What is kept of a push's objects: how its commits hang together, and which names its trees give to files. */
import { tooLarge, unreadable } from "./pack.ts";
import type { PackObject } from "./pack-objects.ts";
import type { HashName, PackLimits } from "./pack.ts";

interface TreeEntry {
  readonly name: string;
  readonly id: string;
}

export class PushedObjects {
  readonly #hash: HashName;
  readonly #limits: PackLimits;
  readonly #parents = new Map<string, readonly string[]>();
  readonly #trees = new Map<string, Buffer>();
  /** Trees of commits, which have no name themselves */
  readonly #tops = new Set<string>();
  #kept = 0;

  constructor(hash: HashName, limits: PackLimits) {
    this.#hash = hash;
    this.#limits = limits;
  }

  /** Takes note of it. Throws a `GitProblem` for a commit or a tree that git would not read. */
  note({ kind, id, bytes }: PackObject): void {
    if (kind !== "commit" && kind !== "tree") return;
    this.#kept += bytes.length;
    if (this.#kept > this.#limits.keptBytes) throw tooLarge("its commits and folders are too many");
    if (kind === "tree") {
      listTree(bytes, this.#hash);
      return void this.#trees.set(id, Buffer.from(bytes));
    }
    const { tree, parents } = readCommit(bytes);
    this.#parents.set(id, parents);
    this.#tops.add(tree);
  }

  /** Names in a tree. */
  names(bytes: Buffer): string[] {
    return listTree(bytes, this.#hash).map((one) => one.name);
  }

  /** True if the pack shows that `old` is `next` or comes before it. False may mean that it does not show it. */
  leadsTo(next: string, old: string): boolean {
    const seen = new Set<string>();
    const waiting = [next];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const parents = this.#parents.get(id);
      // Whoever is not a commit of the pack comes before nothing that we could know of
      if (seen.has(id) || !parents) continue;
      if (parents.includes(old)) return true;
      seen.add(id);
      waiting.push(...parents);
    }
    return false;
  }

  /** A path for each of these objects that a tree of the pack has; one of several. */
  findPaths(ids: ReadonlySet<string>): Map<string, string> {
    const above = new Map<string, { readonly tree: string; readonly name: string }>();
    for (const [tree, bytes] of this.#trees)
      for (const { name, id } of listTree(bytes, this.#hash))
        if (ids.has(id) || this.#trees.has(id)) if (!above.has(id)) above.set(id, { tree, name });
    return new Map(
      [...ids].flatMap((id) => (above.has(id) ? [[id, makePath(id, above, this.#tops)] as const] : [])),
    );
  }
}

const mostNames = 100;

function makePath(
  id: string,
  above: ReadonlyMap<string, { readonly tree: string; readonly name: string }>,
  tops: ReadonlySet<string>,
): string {
  const names: string[] = [];
  for (
    let at = above.get(id);
    at && names.length < mostNames;
    at = tops.has(at.tree) ? undefined : above.get(at.tree)
  )
    names.unshift(at.name);
  return names.join("/");
}

/** https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
function readCommit(bytes: Buffer): { readonly tree: string; readonly parents: readonly string[] } {
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

function listTree(bytes: Buffer, hash: HashName): TreeEntry[] {
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
