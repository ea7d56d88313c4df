/**
 * What comes in on a raw connection, for a reader that asks for one piece after the other, or for a sink that takes each as it comes. The
 * way to a sink is short, because every keystroke's echo goes it: no promise and no turn of the event loop while the sink keeps up.
 */
import type { ByteSink } from "./byte-stream.ts";

/** So much is kept for a reader that is slow; then the other side has to wait */
const keptBytes = 256 * 1024;

/** The connection, as far as its reader steers it. */
export interface ByteSource {
  pause(): void;
  resume(): void;
  destroy(): void;
}

/** A connection that breaks ends the stream, and the caller asks for the reason. Whoever leaves early closes the connection. */
export class IncomingBytes implements AsyncIterableIterator<Uint8Array> {
  readonly #source: ByteSource;
  readonly #pieces: Uint8Array[] = [];
  #kept = 0;
  #isPaused = false;
  #hasEnded = false;
  #wake: (() => void) | undefined;
  #offer: ((piece: Uint8Array) => void) | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Called by the connection for every piece. */
  push(piece: Uint8Array): void {
    if (piece.length === 0 || this.#hasEnded) return;
    if (this.#offer) return this.#offer(piece);
    this.#pieces.push(piece);
    this.#kept += piece.length;
    if (this.#kept >= keptBytes) this.#pause();
    this.#tell();
  }

  /** Called by the connection when nothing more comes, for whatever reason. */
  end(): void {
    this.#hasEnded = true;
    this.#tell();
  }

  /** Puts back what was read too much of. */
  unread(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#pieces.unshift(piece);
    this.#kept += piece.length;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const piece = this.#take();
      if (piece) return { done: false, value: piece };
      if (this.#hasEnded) return this.return();
      await this.#news();
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#pieces.length = 0;
    this.end();
    this.#source.destroy();
    return { done: true, value: undefined };
  }

  /** Hands every piece on, those that are kept first, and resolves at the end. An error of the sink closes the connection and rejects. */
  async forward(sink: ByteSink): Promise<void> {
    try {
      for (;;) {
        const piece = this.#take();
        if (piece) await sink(piece);
        else if (this.#hasEnded) break;
        else await this.#handOver(sink);
      }
    } finally {
      await this.return();
    }
  }

  /** Until the sink is slow, or until the end. */
  async #handOver(sink: ByteSink): Promise<void> {
    const slow = Promise.withResolvers<void>();
    this.#offer = (piece) => {
      try {
        const waiting = sink(piece);
        if (!waiting) return;
        // What comes meanwhile is kept
        this.#offer = undefined;
        waiting.then(slow.resolve, slow.reject);
      } catch (error) {
        this.#offer = undefined;
        slow.reject(error);
      }
    };
    await Promise.race([slow.promise, this.#news()]);
    if (this.#offer === undefined) await slow.promise;
    this.#offer = undefined;
  }

  #take(): Uint8Array | undefined {
    const piece = this.#pieces.shift();
    if (!piece) return undefined;
    this.#kept -= piece.length;
    if (this.#isPaused && this.#kept < keptBytes) {
      this.#isPaused = false;
      this.#source.resume();
    }
    return piece;
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#source.pause();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #tell(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
