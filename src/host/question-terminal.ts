/** The terminal that questions are asked on, whatever stdin and stdout are: /dev/tty, opened for one question. */
import { closeSync, constants, openSync, read, readSync, writeSync } from "node:fs";
import { makeRawMode } from "./raw-mode.ts";

const path = "/dev/tty";
const pollMs = 10;
const pieceBytes = 64 * 1024;
/** A paste that comes over a slow line comes in pieces; one that never ends is not waited for */
const quietMs = 60;
const longestDropMs = 2_000;

export interface QuestionTerminal {
  /** Waits; a terminal that is not raw gives one line. Empty once the terminal is closed */
  readLine(): Buffer;
  /** The next bytes, whenever they come; empty once the terminal is closed */
  read(): Promise<Buffer>;
  /** The next bytes if any come within the time */
  readWithin(ms: number): Promise<Buffer | undefined>;
  write(text: string): void;
  enterRaw(): void;
  /** Takes all that was typed and nobody has read; gives how many bytes it was */
  dropUnread(): number;
  /** Not raw any more, and closed. May be called more than once */
  close(): void;
}

/** Throws what the system says if this process has no terminal. */
export function openQuestionTerminal(): QuestionTerminal {
  const waiting = openSync(path, "r+");
  // Opened once more, so that this one alone does not wait
  const eager = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const raw = makeRawMode(waiting);
  const buffer = Buffer.alloc(pieceBytes);
  let isOpen = true;
  const readNow = () => (isOpen ? readUnread(eager, buffer) : Buffer.alloc(0));
  return {
    readLine: () => Buffer.from(buffer.subarray(0, readSync(waiting, buffer))),
    read: () =>
      new Promise((resolve) => {
        // A terminal that was hung up gives an error or nothing
        read(waiting, buffer, 0, buffer.length, null, (error, length) =>
          resolve(Buffer.from(buffer.subarray(0, error ? 0 : length))),
        );
      }),
    async readWithin(ms) {
      for (let left = ms; ; left -= pollMs) {
        const piece = readNow();
        if (piece || left <= 0) return piece;
        await Bun.sleep(pollMs);
      }
    },
    write(text) {
      try {
        writeSync(waiting, text);
      } catch {
        // It was hung up, which whoever reads is told
      }
    },
    enterRaw: () => raw.enter(),
    dropUnread: () => dropUnread(waiting, readNow),
    close() {
      if (!isOpen) return;
      isOpen = false;
      raw.restore();
      closeSync(eager);
      closeSync(waiting);
    },
  };
}

/** What is there; undefined for nothing, empty for a terminal that was closed. */
function readUnread(eager: number, buffer: Buffer): Buffer | undefined {
  try {
    return Buffer.from(buffer.subarray(0, readSync(eager, buffer)));
  } catch (error) {
    const isWaiting = error instanceof Error && "code" in error && error.code === "EAGAIN";
    return isWaiting ? undefined : Buffer.alloc(0);
  }
}

/** A line that has no end yet is only seen in raw mode; leaving that again gives back whichever mode was on. */
function dropUnread(terminal: number, readNow: () => Buffer | undefined): number {
  const raw = makeRawMode(terminal);
  raw.enter();
  try {
    let dropped = 0;
    let quiet = 0;
    for (let spent = 0; spent < longestDropMs; spent += pollMs) {
      const piece = readNow();
      if (piece?.length === 0) break;
      if (piece) dropped += piece.length;
      quiet = piece ? 0 : quiet + pollMs;
      // Mostly there is nothing, which takes no time
      if (dropped === 0 || quiet > quietMs) break;
      Bun.sleepSync(pollMs);
    }
    return dropped;
  } finally {
    raw.restore();
  }
}
