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
  /** Where in `bytes` the window begins that decides; below 0 for what is shorter than a window. The rest is compared */
  readonly anchor: number;
  /** By byte: 1 for what may stand in front of it; everything by default */
  readonly before?: Uint8Array;
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

/** Two bytes are their own hash; four are spread over as much as a cache holds, and more where many needles would fill it */
const twoBits = 16;
const fewBits = 18;
const mostBits = 22;
const frontBytes = 4;
/** With more of its places taken, few bytes are skipped */
const placesEach = 3;
const everything = Uint8Array.from({ length: 256 }, () => 1);

/** Made once for a set of needles; holds no state between searches. */
export class LiteralMatcher {
  /** Bytes of the window that is searched for */
  readonly window: number;
  /** Of the longest needle */
  readonly longest: number;
  readonly #needles: readonly Needle[];
  /** Those that begin within the first window of a text */
  readonly #short: readonly Needle[];
  readonly #shifts: Uint8Array;
  /** Needles by the hash of their window's end */
  readonly #heads: Int32Array;
  readonly #chains: Needle[][] = [];
  /** By chain, the four bytes in front of its block: most windows that only share the block are told by them. 0 where they differ */
  readonly #fronts: Int32Array;
  readonly #blockBytes: 2 | 4;
  /** What is left of a hash of four bytes */
  readonly #drop: number;

  /** `window` is what every needle has after its anchor. Blocks of four bytes are for large sets with long windows. */
  constructor(needles: readonly Needle[], window: number, blockBytes: 2 | 4) {
    this.window = window;
    this.longest = Math.max(0, ...needles.map((one) => one.bytes.length));
    this.#needles = needles;
    this.#short = needles.filter((one) => one.anchor < 0);
    this.#blockBytes = blockBytes;
    const blocks = window - blockBytes + 1;
    const bits = blockBytes === 2 ? twoBits : chooseBits(needles.length * blocks * placesEach);
    this.#drop = 32 - bits;
    this.#shifts = new Uint8Array(1 << bits).fill(blocks);
    this.#heads = new Int32Array(1 << bits).fill(-1);
    for (const needle of needles) this.#add(needle);
    this.#fronts = Int32Array.from(this.#chains, (chain) => this.#findFront(chain));
  }

  /** Calls back for each needle in the range, in the order of their windows. */
  search(search: Search, onHit: OnHit): void {
    if (this.#needles.length === 0) return;
    if (search.from === 0) this.#searchStart(search, onHit);
    if (this.#blockBytes === 2) this.#searchByTwo(search, onHit);
    else this.#searchByFour(search, onHit);
  }

  /** Nothing stands in front of the first byte, so that a window would begin before it. */
  #searchStart(search: Search, onHit: OnHit): void {
    for (const needle of this.#short)
      for (let at = 0; at < -needle.anchor; at += 1) if (isAt(needle, at, search)) onHit(needle.id, at);
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
    const drop = this.#drop;
    let at = from + this.window - 1;
    while (at < to) {
      const key = hashFour(
        bytes[at - 3] as number,
        bytes[at - 2] as number,
        bytes[at - 1] as number,
        bytes[at] as number,
        drop,
      );
      const shift = shifts[key] as number;
      if (shift === 0) {
        this.#compare(search, key, at, onHit);
        at += 1;
      } else at += shift;
    }
  }

  #compare(search: Search, key: number, last: number, onHit: OnHit): void {
    const { bytes } = search;
    const head = this.#heads[key] as number;
    const front = this.#fronts[head] as number;
    if (front !== 0 && front !== readFour(bytes, last - 2 * frontBytes + 1)) return;
    const chain = this.#chains[head] as Needle[];
    const start = last - this.window + 1;
    for (let index = 0; index < chain.length; index += 1) {
      const needle = chain[index] as Needle;
      const at = start - needle.anchor;
      if (isAt(needle, at, search)) onHit(needle.id, at);
    }
  }

  #findFront(chain: readonly Needle[]): number {
    if (this.#blockBytes !== 4 || this.window < 2 * frontBytes) return 0;
    const fronts = chain.map(({ bytes, anchor }) => readFour(bytes, anchor + this.window - 2 * frontBytes));
    return fronts.every((one) => one === fronts[0]) ? (fronts[0] ?? 0) : 0;
  }

  #add(needle: Needle): void {
    const blocks = this.window - this.#blockBytes + 1;
    for (let block = 0; block < blocks; block += 1) {
      const shift = blocks - 1 - block;
      for (const variant of listVariants(needle, needle.anchor + block, this.#blockBytes)) {
        const [a = 0, b = 0, c = 0, d = 0] = variant;
        const key = this.#blockBytes === 2 ? (a << 8) | b : hashFour(a, b, c, d, this.#drop);
        if (shift < (this.#shifts[key] ?? 0)) this.#shifts[key] = shift;
        if (shift === 0) this.#chain(key, needle);
      }
    }
  }

  #chain(key: number, needle: Needle): void {
    const head = this.#heads[key] ?? -1;
    if (head < 0) this.#heads[key] = this.#chains.push([needle]) - 1;
    else if (!this.#chains[head]?.includes(needle)) this.#chains[head]?.push(needle);
  }
}

function readFour(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

function hashFour(a: number, b: number, c: number, d: number, drop: number): number {
  return Math.imul((a << 24) | (b << 16) | (c << 8) | d, 0x9e3779b1) >>> drop;
}

function chooseBits(places: number): number {
  let bits = fewBits;
  while (bits < mostBits && 1 << bits < places) bits += 1;
  return bits;
}

function isAt(needle: Needle, at: number, search: Search): boolean {
  const { bytes: wanted, before } = needle;
  const { bytes, from, to } = search;
  if (before && at > 0 && before[bytes[at - 1] as number] === 0) return false;
  const end = at + wanted.length;
  if ((at < from || end > to) && search.isLoose !== true) return false;
  const last = end > to ? to - at : wanted.length;
  for (let index = at < from ? from - at : 0; index < last; index += 1)
    if (wanted[index] !== bytes[at + index] && !isSameLetter(needle, index, bytes[at + index] as number))
      return false;
  return true;
}

function isSameLetter({ isFolded, bytes }: Needle, index: number, found: number): boolean {
  return isFolded === true && isLetter(found) && (found | 0x20) === ((bytes[index] ?? 0) | 0x20);
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** What can stand where a block of a needle is: one for each case, and one for each byte that may stand in front. */
function listVariants(
  { bytes, isFolded, before = everything }: Needle,
  from: number,
  length: number,
): number[][] {
  let variants: number[][] = [[]];
  for (let at = from; at < from + length; at += 1) {
    const byte = bytes[at] ?? 0;
    // Two in front of it stands anything
    const allowed =
      at === -1
        ? listSet(before)
        : at < 0
          ? listSet(everything)
          : isFolded && isLetter(byte)
            ? [byte | 0x20, byte & ~0x20]
            : [byte];
    variants = variants.flatMap((one) => allowed.map((next) => [...one, next]));
  }
  return variants;
}

function listSet(set: Uint8Array): number[] {
  return [...set.keys()].filter((byte) => set[byte] === 1);
}
