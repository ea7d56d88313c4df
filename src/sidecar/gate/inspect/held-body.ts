/**
 * Passes a body on while it is looked at. The last bytes are held back until others follow them or some milliseconds are over: always as
 * many, and never for longer, whatever they are. An agent learns nothing from the sizes and times of what comes out.
 */
import { Transform } from "node:stream";
import type { TransformCallback } from "node:stream";
import { TooLarge } from "./decode.ts";
import type { Finding, Looker } from "./looker.ts";
import { OpenedLook } from "./opened-look.ts";
import type { Coverage } from "./own-secrets.ts";
import { StreamLook } from "./stream-look.ts";

/** A private key of 4096 bits fits in */
const heldBytes = 4_096;
/** A client that waits for an answer before it sends the rest waits this much longer */
const holdMs = 10;
const gzipMagic = [0x1f, 0x8b] as const;
/** A body that proves to be this small is looked at once more when all of it is there */
const wholeBytes = 64 * 1024;
/** With the 16 KiB of a stream's own choice, each piece of TLS would be waited for */
const bufferedBytes = 32 * 1024;

export interface HeldBodyOptions {
  readonly looker: Looker;
  readonly coverage: Coverage;
  /** Of the body, outermost first */
  readonly codings: readonly string[];
  /** Is told what comes to light. What it throws ends the body */
  readonly judge: (found: readonly Finding[]) => void;
  /** Looks at a small body without a length as at one that was there from the start, before its last bytes go */
  readonly lookAtWhole?: (body: Buffer) => readonly Finding[];
}

export class HeldBody extends Transform {
  readonly #options: HeldBodyOptions;
  readonly #look: StreamLook;
  #opened: OpenedLook | undefined;
  #isBegun = false;
  #held: Buffer = Buffer.alloc(0);
  /** All that came, while it is little */
  #whole: Buffer[] | undefined = [];
  #wholeBytes = 0;
  readonly #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HeldBodyOptions) {
    super({ highWaterMark: bufferedBytes });
    this.#options = options;
    this.#look = new StreamLook(options.looker, options.coverage);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#opened || !this.#isBegun)
      return void this.#takeOpened(chunk).then(
        () => done(),
        (error: Error) => done(error),
      );
    try {
      this.#take(chunk);
    } catch (error) {
      return done(error as Error);
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    clearTimeout(this.#timer);
    this.#finish().then(
      () => done(),
      (error: Error) => done(error),
    );
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#opened?.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    this.#collect(chunk);
    this.#judge(this.#look.push(chunk));
    this.#release(chunk);
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.#letGo(), holdMs);
  }

  /** The same for a body that is compressed, or may be. */
  async #takeOpened(chunk: Buffer): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isBegun) this.#begin(chunk);
    await this.#open((opened) => opened.push(chunk));
    this.#take(chunk);
  }

  async #finish(): Promise<void> {
    this.#judge(this.#look.settle());
    await this.#open((opened) => opened.end());
    const whole = this.#whole ? (this.#options.lookAtWhole?.(Buffer.concat(this.#whole)) ?? []) : [];
    this.#judge(whole.filter(({ rule }) => !this.#told.has(rule)));
    this.push(this.#held);
  }

  #collect(chunk: Buffer): void {
    this.#wholeBytes += chunk.length;
    if (this.#wholeBytes > wholeBytes) this.#whole = undefined;
    // A copy: a view would keep the whole chunk alive
    else this.#whole?.push(Buffer.from(chunk));
  }

  /** What is a gzip by its first bytes is opened whether it says so or not. */
  #begin(chunk: Buffer): void {
    this.#isBegun = true;
    const isGzip = gzipMagic.every((byte, index) => chunk[index] === byte);
    const codings = this.#options.codings.length > 0 ? this.#options.codings : isGzip ? ["gzip"] : [];
    if (codings.length === 0) return;
    this.#opened = new OpenedLook(new StreamLook(this.#options.looker, this.#options.coverage), codings);
  }

  async #open(act: (opened: OpenedLook) => Promise<Finding[]>): Promise<void> {
    if (!this.#opened) return;
    let found: readonly Finding[];
    try {
      found = await act(this.#opened);
    } catch (error) {
      this.#opened.destroy();
      this.#opened = undefined;
      const isTold = !(error instanceof TooLarge);
      found = [{ rule: isTold ? "unreadable-body" : "grows-too-much", text: "", isTold, home: [] }];
    }
    this.#judge(found);
  }

  /** Everything but the last bytes. */
  #release(chunk: Buffer): void {
    const isLong = chunk.length >= heldBytes;
    // What is held goes as it is, rather than in a copy of it and a long chunk
    if (isLong && this.#held.length > 0) this.push(this.#held);
    const bytes = isLong || this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const cut = Math.max(0, bytes.length - heldBytes);
    if (cut > 0) this.push(bytes.subarray(0, cut));
    // A copy: a view would keep the whole chunk alive
    this.#held = Buffer.from(bytes.subarray(cut));
  }

  #letGo(): void {
    this.#timer = undefined;
    try {
      this.#judge(this.#look.settle());
    } catch (error) {
      return void this.destroy(error as Error);
    }
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    if (held.length > 0) this.push(held);
  }

  #judge(found: readonly Finding[]): void {
    for (const { rule } of found) this.#told.add(rule);
    if (found.length > 0) this.#options.judge(found);
  }
}
