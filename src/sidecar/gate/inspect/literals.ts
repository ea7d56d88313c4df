/**
 * Finds many byte strings in one pass (Wu and Manber): the last bytes of a window say how far the next one may be, so that most bytes
 * are never read. What a pass costs does not depend on how many strings there are, as long as their windows stay rare.
 */

/** One byte string to look for. */
export interface Needle {
  readonly bytes: Uint8Array;
  /** Told back with each hit */
  readonly id: number;
  /** Upper and lower case are one */
  readonly isFolded?: boolean;
  /** Where in `bytes` the window begins that decides; the rest is compared */
  readonly anchor: number;
}

/** A needle was found; `at` is the place of its first byte, which lies before the searched range if the needle is cut by its edge. */
export type OnHit = (id: number, at: number) => void;

export interface Search {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /** What of a needle lies outside of the range is taken for equal: for ranges that are parts of a text */
  readonly isLoose?: boolean;
}

/** By the bytes of a block: two are their own hash, four are spread over as much as a cache holds */
const tableSizes = { 2: 1 << 16, 4: 1 << 18 } as const;

/** Made once for a set of needles; holds no state between searches. */
export class LiteralMatcher {
  /** Bytes of the window that is searched for */
  readonly window: number;
  /** Of the longest needle */
  readonly longest: number;
  readonly #needles: readonly Needle[];
  readonly #shifts: Uint8Array;
  /** Needles by the hash of their window's end */
  readonly #chains = new Map<number, number[]>();
  readonly #blockBytes: 2 | 4;

  /** `window` is at most what every needle has behind its anchor. Blocks of four bytes are for large sets with long windows. */
  constructor(needles: readonly Needle[], window: number, blockBytes: 2 | 4) {
    this.window = window;
    this.longest = Math.max(0, ...needles.map((one) => one.bytes.length));
    this.#needles = needles;
    this.#blockBytes = blockBytes;
    this.#shifts = new Uint8Array(tableSizes[blockBytes]).fill(window - blockBytes + 1);
    for (const [index, needle] of needles.entries()) this.#add(index, needle);
  }

  /** Calls back for each needle in the range, in the order of their anchors. */
  search(search: Search, onHit: OnHit): void {
    if (this.#needles.length === 0) return;
    if (this.#blockBytes === 2) this.#searchByTwo(search, onHit);
    else this.#searchByFour(search, onHit);
  }

  #searchByTwo(search: Search, onHit: OnHit): void {
    const { bytes, from, to } = search;
    const shifts = this.#shifts;
    let at = from + this.window - 1;
    while (at < to) {
      const key = ((bytes[at - 1] as number) << 8) | (bytes[at] as number);
      const shift = shifts[key] as number;
      if (shift === 0) {
        this.#compare(search, key, at, onHit);
        at += 1;
      } else at += shift;
    }
  }

  #searchByFour(search: Search, onHit: OnHit): void {
    const { bytes, from, to } = search;
    const shifts = this.#shifts;
    let at = from + this.window - 1;
    while (at < to) {
      const key = hashFour(
        bytes[at - 3] as number,
        bytes[at - 2] as number,
        bytes[at - 1] as number,
        bytes[at] as number,
      );
      const shift = shifts[key] as number;
      if (shift === 0) {
        this.#compare(search, key, at, onHit);
        at += 1;
      } else at += shift;
    }
  }

  #compare(search: Search, key: number, last: number, onHit: OnHit): void {
    for (const index of this.#chains.get(key) ?? []) {
      const needle = this.#needles[index] as Needle;
      const at = last - this.window + 1 - needle.anchor;
      if (isAt(needle, at, search)) onHit(needle.id, at);
    }
  }

  #add(index: number, { bytes, anchor, isFolded = false }: Needle): void {
    const blocks = this.window - this.#blockBytes + 1;
    for (let block = 0; block < blocks; block += 1) {
      const from = anchor + block;
      const variants = listVariants(bytes.subarray(from, from + this.#blockBytes), isFolded);
      for (const variant of variants) {
        const key = this.#hash(variant);
        const shift = blocks - 1 - block;
        if (shift < (this.#shifts[key] ?? 0)) this.#shifts[key] = shift;
        if (shift === 0) this.#chain(key, index);
      }
    }
  }

  #chain(key: number, index: number): void {
    const chain = this.#chains.get(key);
    if (!chain) this.#chains.set(key, [index]);
    else if (!chain.includes(index)) chain.push(index);
  }

  #hash(block: Uint8Array): number {
    const [a = 0, b = 0, c = 0, d = 0] = block;
    return this.#blockBytes === 2 ? (a << 8) | b : hashFour(a, b, c, d);
  }
}

function hashFour(a: number, b: number, c: number, d: number): number {
  return (Math.imul((a << 24) | (b << 16) | (c << 8) | d, 0x9e3779b1) >>> 14) & (tableSizes[4] - 1);
}

function isAt({ bytes, isFolded }: Needle, at: number, search: Search): boolean {
  const { from, to, isLoose = false } = search;
  const end = at + bytes.length;
  if (!isLoose && (at < from || end > to)) return false;
  const first = Math.max(0, from - at);
  const last = Math.min(bytes.length, to - at);
  for (let index = first; index < last; index += 1) {
    const wanted = bytes[index] as number;
    const found = search.bytes[at + index] as number;
    if (wanted !== found && !(isFolded && isLetter(found) && (found | 0x20) === (wanted | 0x20)))
      return false;
  }
  return true;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** The block in all its cases if case does not count. */
function listVariants(block: Uint8Array, isFolded: boolean): Uint8Array[] {
  if (!isFolded) return [block];
  let variants: number[][] = [[]];
  for (const byte of block) {
    const bytes = isLetter(byte) ? [byte | 0x20, byte & ~0x20] : [byte];
    variants = variants.flatMap((before) => bytes.map((one) => [...before, one]));
  }
  return variants.map((one) => Uint8Array.from(one));
}
