/** Choices that a seed decides. */
import { makeRandom } from "../chaos/random.ts";

export class Picker {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = makeRandom(seed);
  }

  /** A whole number from 0 up to `count - 1` */
  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** True once in `count` times */
  once(count: number): boolean {
    return this.below(count) === 0;
  }

  /** One of the items, of which there is at least one */
  pick<T>(items: readonly T[]): T {
    const at = this.below(items.length);
    return items[at] as T;
  }

  /** From `least` to `most` of what `make` gives */
  list<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** In pieces, of any size or a byte each */
  cut(bytes: Buffer): Buffer[] {
    const isSingle = this.once(4);
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = at + (isSingle ? 1 : 1 + this.below(Math.max(1, Math.ceil(bytes.length / 2))));
      chunks.push(bytes.subarray(at, end));
      at = end;
    }
    return chunks;
  }
}
