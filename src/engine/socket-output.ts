/**
 * A socket's bytes as they come, for a reader that asks for one piece after the other. Node's own iterator takes several turns of the event
 * loop for each piece, which a keystroke's echo pays.
 */
import type { Socket } from "node:net";

/** So much is kept for a reader that is slow; then the other side has to wait */
const keptBytes = 256 * 1024;

/**
 * Yields the early bytes and then the socket's, which is read from the first question on. A connection that breaks ends the stream, and
 * the caller asks for the reason. Whoever leaves early closes the connection.
 */
export class SocketOutput implements AsyncIterableIterator<Uint8Array> {
  readonly #socket: Socket;
  readonly #pieces: Uint8Array[] = [];
  #kept = 0;
  #isReading = false;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket, head: Uint8Array) {
    this.#socket = socket;
    if (head.length > 0) this.#keep(head);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (!this.#isReading) this.#begin();
    for (;;) {
      const piece = this.#take();
      if (piece) return { done: false, value: piece };
      if (this.#hasEnded) return this.return();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#pieces.length = 0;
    this.#hasEnded = true;
    this.#socket.destroy();
    return { done: true, value: undefined };
  }

  #begin(): void {
    this.#isReading = true;
    const end = () => {
      this.#hasEnded = true;
      this.#tell();
    };
    this.#socket.on("data", (data: Buffer) => {
      this.#keep(data);
      if (this.#kept >= keptBytes) this.#socket.pause();
      this.#tell();
    });
    this.#socket.once("end", end).once("close", end).once("error", end);
    if (this.#socket.destroyed) end();
  }

  #keep(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#kept += piece.length;
  }

  #take(): Uint8Array | undefined {
    const piece = this.#pieces.shift();
    if (!piece) return undefined;
    this.#kept -= piece.length;
    if (this.#kept < keptBytes && this.#socket.isPaused()) this.#socket.resume();
    return piece;
  }

  #tell(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
