/** Exact numbers of bytes from a stream that comes in pieces of any size. */
import { CutShort } from "./tar-item.ts";

export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  /** At most so many, at least one; undefined at the end. */
  async piece(max: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const next = await this.#pieces.next();
      if (next.done) return undefined;
      this.#rest = next.value;
    }
    const piece = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** Exactly so many; undefined if the stream is at its end. Throws `CutShort` if it ends within them. */
  async exactly(count: number): Promise<Buffer | undefined> {
    const found: Uint8Array[] = [];
    for (let left = count; left > 0;) {
      const piece = await this.piece(left);
      if (!piece && left === count) return undefined;
      if (!piece) throw new CutShort();
      found.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(found, count);
  }

  /** Passes over so many. */
  async skip(count: number): Promise<void> {
    for (let left = count; left > 0;) {
      const piece = await this.piece(left);
      if (!piece) throw new CutShort();
      left -= piece.length;
    }
  }

  /** Text up to a line break, without it; undefined if there is none within so many bytes. */
  async line(maxBytes: number): Promise<string | undefined> {
    let seen = Buffer.alloc(0);
    for (;;) {
      const piece = await this.piece(maxBytes + 1);
      if (!piece) return undefined;
      const end = piece.indexOf(10);
      seen = Buffer.concat([seen, end < 0 ? piece : piece.subarray(0, end)]);
      if (seen.length > maxBytes) return undefined;
      if (end < 0) continue;
      this.#rest = Buffer.concat([piece.subarray(end + 1), this.#rest]);
      return seen.toString("utf8");
    }
  }

  /** Nothing more is wanted: the source is told. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
