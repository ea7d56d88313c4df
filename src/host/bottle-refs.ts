/** Names below `refs/bottles/<session>/` for what an agent called as it liked. */

export interface WantedRef {
  /** Name in the bundle */
  readonly source: string;
  readonly id: string;
  /** Name in the user's repository */
  readonly target: string;
  /** Name in the bottle, such as `heads/a b`, if it could not be kept */
  readonly renamedFrom?: string;
}

const maxPartBytes = 120;
const maxBytes = 400;

/**
 * Gives every ref a place. A name that git, a terminal or a file system could take for something else, or that meets another one or
 * one that is there already, is replaced by one made of the commit's id: nothing is left out because of its name.
 */
export function placeRefs(
  session: string,
  refs: readonly { readonly id: string; readonly name: string }[],
  existing: readonly string[],
): WantedRef[] {
  const stem = `refs/bottles/${session}/`;
  const taken = new TakenNames(existing);
  const placed = new Set<string>();
  // Of names that differ in case only, the one in small letters is most likely to be the one that people know
  return refs
    .toSorted((a, b) => rank(b.name) - rank(a.name))
    .flatMap(({ id, name }) => {
      const short = shortName(name);
      if (short === undefined) return [];
      const wanted = stem + short;
      const isKept = isPlainName(wanted) && !placed.has(wanted) && !taken.meets(wanted);
      const target = isKept
        ? wanted
        : findFree(`${stem}${folderOf(short)}/renamed-${id.slice(0, 12)}`, placed);
      taken.add(target);
      placed.add(target);
      return [{ source: name, id, target, ...(isKept ? {} : { renamedFrom: short }) }];
    });
}

function folderOf(short: string): string {
  return /^(heads|tags)\//.exec(short)?.[1] ?? "other";
}

/** Two names may be one commit's, and neither could be kept. */
function findFree(name: string, placed: ReadonlySet<string>): string {
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!placed.has(candidate)) return candidate;
  }
}

function shortName(name: string): string | undefined {
  const own = /^refs\/(?:claude-bottle\/)?((?:heads|tags|notes)\/.*)$/s.exec(name)?.[1];
  return own ?? /^refs\/claude-bottle\/(.*)$/s.exec(name)?.[1];
}

/** Names as a file system may take them; thousands are asked for, so each is looked up and none is compared with all others. */
class TakenNames {
  readonly #names = new Map<string, Set<string>>();
  readonly #folders = new Set<string>();

  constructor(names: readonly string[]) {
    for (const name of names) this.add(name);
  }

  add(name: string): void {
    const folded = fold(name);
    this.#names.set(folded, (this.#names.get(folded) ?? new Set()).add(name));
    for (const folder of foldersOf(folded)) this.#folders.add(folder);
  }

  /** The same name is the same branch and may move; another one that a file system takes for the same may not. */
  meets(wanted: string): boolean {
    const folded = fold(wanted);
    const same = [...(this.#names.get(folded) ?? [])];
    return (
      same.some((name) => name !== wanted) ||
      this.#folders.has(folded) ||
      foldersOf(folded).some((folder) => this.#names.has(folder))
    );
  }
}

function foldersOf(name: string): string[] {
  const parts = name.split("/");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"));
}

/** 1 for a name without capitals, which go after it. */
function rank(name: string): number {
  return name === fold(name) ? 1 : 0;
}

function fold(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

/** Stricter than `git check-ref-format`: letters, digits and a few signs, and no part that is special to git or a file system. */
export function isPlainName(name: string): boolean {
  return (
    Buffer.byteLength(name) <= maxBytes &&
    /^[\p{L}\p{N}/._+=#%,@!()-]+$/u.test(name) &&
    !name.includes("..") &&
    !name.includes("@{") &&
    name
      .split("/")
      .every(
        (part) =>
          part !== "" &&
          Buffer.byteLength(part) <= maxPartBytes &&
          !/^[.-]|\.lock$|\.$/i.test(part) &&
          part !== "@" &&
          part !== "HEAD",
      )
  );
}
