/** Looks at a compressed stream: opens it piece by piece beside the stream itself. */
import type { Transform } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { makeOpener, TooLarge } from "./decode.ts";
import type { Finding } from "./looker.ts";
import type { StreamLook } from "./stream-look.ts";

/** What a body may grow to whatever its size, and how many times its size beyond that */
const freeBytes = 16 * 1024 * 1024;
const mostGrowth = 100;

export class OpenedLook {
  readonly #look: StreamLook;
  readonly #stages: Transform[];
  #found: Finding[] = [];
  #came = 0;
  #opened = 0;
  #error: Error | undefined;

  /** `names` are the codings, outermost first. */
  constructor(look: StreamLook, names: readonly string[]) {
    this.#look = look;
    this.#stages = names.flatMap((name) => makeOpener(name) ?? []);
    for (const [index, stage] of this.#stages.entries()) {
      const next = this.#stages[index + 1];
      stage.on("error", (error) => (this.#error ??= error));
      stage.on("data", (bytes: Buffer) => {
        if (!next) this.#take(bytes);
        else if (!next.destroyed) next.write(bytes);
      });
      stage.on("end", () => next?.end());
    }
  }

  /**
   * What comes to light with these bytes. Rejects with a `TooLarge`, or with what is wrong if the body is not what it says; there is
   * nothing more to be had of it then.
   */
  async push(bytes: Buffer): Promise<Finding[]> {
    this.#came += bytes.length;
    const [first] = this.#stages;
    if (!first || this.#error) throw this.#error ?? new Error("closed");
    await new Promise<void>((resolve) => {
      first.once("close", resolve);
      first.write(bytes, () => {
        first.off("close", resolve);
        resolve();
      });
    });
    return this.#settle();
  }

  /** What is left. */
  async end(): Promise<Finding[]> {
    const last = this.#stages.at(-1);
    if (!last || this.#error) return [];
    await new Promise<void>((resolve) => {
      last
        .once("close", resolve)
        .once("end", resolve)
        .once("error", () => resolve());
      this.#stages[0]?.end();
    });
    return [...this.#takeFound(), ...this.#look.settle()];
  }

  destroy(): void {
    for (const stage of this.#stages) stage.destroy();
  }

  /** Waits until what was opened has been looked at. */
  async #settle(): Promise<Finding[]> {
    while (!this.#error && this.#stages.some((stage) => stage.readableLength + stage.writableLength > 0))
      await setImmediate();
    if (this.#error) throw this.#error;
    return this.#takeFound();
  }

  #takeFound(): Finding[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  #take(bytes: Buffer): void {
    this.#opened += bytes.length;
    if (this.#opened > freeBytes + mostGrowth * this.#came) {
      this.#error ??= new TooLarge();
      return this.destroy();
    }
    this.#found.push(...this.#look.push(bytes));
  }
}
