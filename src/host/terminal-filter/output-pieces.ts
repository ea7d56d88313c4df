/** What is left of a chunk: pieces of it as they are, and rewritten sequences between them. Copies only if something changed. */

export class OutputPieces {
  readonly #chunk: Uint8Array;
  readonly #pieces: Uint8Array[] = [];
  #start = 0;
  #end = 0;

  constructor(chunk: Uint8Array) {
    this.#chunk = chunk;
  }

  /** Bytes of the chunk, which pass; neighbours become one piece. */
  keep(start: number, end: number): void {
    if (start === end) return;
    if (start !== this.#end) {
      this.#close();
      this.#start = start;
    }
    this.#end = end;
  }

  /** Text that takes the place of what came. */
  add(text: string): void {
    if (text === "") return;
    this.#close();
    this.#start = this.#end;
    this.#pieces.push(Buffer.from(text, "utf8"));
  }

  /** All of it in order; the chunk itself if nothing was taken out. */
  join(): Uint8Array {
    this.#close();
    this.#start = this.#end;
    const [first, second] = this.#pieces;
    if (second) return Buffer.concat(this.#pieces);
    return first ?? new Uint8Array(0);
  }

  #close(): void {
    if (this.#start === this.#end) return;
    this.#pieces.push(this.#chunk.subarray(this.#start, this.#end));
  }
}
