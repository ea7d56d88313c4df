/** What is kept of a push's objects: how its commits hang together, and which names its trees give to files. */
import { tooLarge } from "./pack.ts";
import type { PackObject } from "./pack-objects.ts";
import type { HashName, PackLimits } from "./pack.ts";
import { listTree, readCommit } from "./read-objects.ts";

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

  /** Commits that those of the pack build on, and that are not in it: the server has them, or it refuses the push. */
  bases(): string[] {
    const parents = [...this.#parents.values()].flat();
    return [...new Set(parents)].filter((id) => !this.#parents.has(id));
  }

  /** A path for each of these objects that a tree of the pack has; one of several. */
  findPaths(ids: ReadonlySet<string>): Map<string, string> {
    if (ids.size === 0) return new Map();
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
