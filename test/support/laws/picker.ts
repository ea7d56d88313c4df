/** Chance by seed, and the names that a case has made so far. Words of shell are quoted already. */
import { makeRandom } from "../../../scripts/lib/chaos/random.ts";

/** What a maker gives: a step whose time the generator sets. */
export interface Draft {
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly isForRestOnly?: boolean;
}

export interface Maker {
  readonly title: string;
  /** How often it is chosen; 1 by default */
  readonly weight?: number;
  make(picker: Picker): Draft | string;
}

/** Names that some system or program gets wrong; each as bash writes it, behind `./` */
const oddNames = [
  `'two  words.txt'`,
  `'ünï-é.txt'`,
  `$'e\\xcc\\x81-apart.txt'`,
  `$'latin\\xe9.txt'`,
  `$'\\xff\\xfe'`,
  `$'new\\nline.txt'`,
  `$'tab\\there.txt'`,
  `$'\\x1b[31mred.txt'`,
  `-dash.txt`,
  `--help`,
  `'back\\slash.txt'`,
  `'quo"te.txt'`,
  `"apo'strophe.txt"`,
  `':(top)colon.txt'`,
  `'star*[a]?.txt'`,
  `'#hash.txt'`,
  `'!bang.txt'`,
  `' before.txt'`,
  `'behind '`,
  `'$(touch made)'`,
  `'{brace,s}.txt'`,
  `.hidden`,
  `...`,
  `A.TXT`,
  `${"long".repeat(50)}.txt`,
  `'日本語/ファイル.txt'`,
  `deep/er/and/deeper/file.txt`,
  `CON`,
];

export class Picker {
  /** Words of shell, relative to the workspace */
  readonly files: string[] = [];
  readonly branches: string[] = [];
  readonly tags: string[] = [];
  /** Numbers of patterns that ignore `secretN/` and `*.localN` */
  readonly patterns: number[] = [];
  /** Folders of repositories inside */
  readonly inner: string[] = [];
  /** Linked worktrees that the agent has made, relative to the workspace */
  readonly worktrees: string[] = [];
  readonly #random: () => number;
  #count = 0;

  constructor(seed: number) {
    this.#random = makeRandom(seed);
  }

  /** From 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** Any of them. */
  one<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error("There is nothing to choose from");
    return item;
  }

  /** Any of them, by weight. */
  maker(makers: readonly Maker[]): Maker {
    let left = this.#random() * makers.reduce((sum, one) => sum + (one.weight ?? 1), 0);
    for (const one of makers) {
      left -= one.weight ?? 1;
      if (left < 0) return one;
    }
    return this.one(makers);
  }

  /** A number that no other name or text of this case has. */
  next(): number {
    this.#count += 1;
    return this.#count;
  }

  /** The number of a new pair of patterns. */
  pattern(): number {
    const number = this.next();
    this.patterns.push(number);
    return number;
  }

  /** A path that is not there yet. */
  freshFile(): string {
    const number = this.next();
    const plain = [`./new${number}.txt`, `./dir/new${number}.txt`, `./fresh${number}/f.txt`];
    const name = this.chance(0.3) ? `./${this.one(oddNames)}` : this.one(plain);
    this.files.push(name);
    return name;
  }

  file(): string {
    return this.one(this.files);
  }

  /** For commands that refuse a work tree with changes: mostly without any */
  clean(): string {
    return this.chance(0.6) ? `git add -A; git commit -qm 'Before ${this.next()}';` : "";
  }

  branch(): string {
    return this.one(this.branches);
  }

  freshBranch(): string {
    const number = this.next();
    const name = this.one([
      `b${number}`,
      `b${number}`,
      `feat/b${number}`,
      `'ümlaut${number}'`,
      `B.${number}+x`,
    ]);
    this.branches.push(name);
    return name;
  }
}

/** Bash that writes a text to a file, whose folder it makes. */
export function write(file: string, text: string): string {
  return `mkdir -p "$(dirname -- ${file})" && printf '${text.replaceAll("%", "%%")}' > ${file}`;
}

/** Before something is written to git's `info` folder, which need not be there */
export const inInfo = `mkdir -p "$(git rev-parse --git-common-dir)/info";`;
