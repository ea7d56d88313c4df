/** The user's screen as the agent may write to it: a stream that filters and hands on at once, so that order and back-pressure stay. */
import { EventEmitter } from "node:events";
import { TerminalFilter } from "./terminal-filter.ts";
import type { CommandRules } from "./osc-rules.ts";
import type { ScreenState } from "./screen-state.ts";

export interface FilteredOutput {
  readonly stream: NodeJS.WritableStream;
  /** See `TerminalFilter`; false and empty where nothing is drawn */
  hasDrawn(): boolean;
  undo(): string;
  /** What brings a terminal to the same that is as before */
  redo(): string;
  /** Undefined where nothing is drawn */
  readonly screen: ScreenState | undefined;
  /** From now on nothing is shown; what the program switches on is still kept in `screen` */
  mute(): void;
}

/** Puts a filter in front of what leads to a terminal. What leads to a file or a program is data and stays as it is. */
export function filterOutput(terminal: NodeJS.WriteStream, rules: CommandRules): FilteredOutput {
  if (terminal.isTTY !== true) return { ...unfiltered, stream: terminal };
  const filter = new TerminalFilter(rules);
  const stream = new FilteredStream(terminal, filter);
  return {
    stream,
    mute: () => stream.mute(),
    hasDrawn: () => filter.hasDrawn,
    undo: () => filter.undoing(),
    // Through a filter, as it came
    redo: () =>
      Buffer.from(new TerminalFilter(rules).push(Buffer.from(filter.screen.render()))).toString("latin1"),
    screen: filter.screen,
  };
}

const unfiltered = {
  hasDrawn: () => false,
  undo: () => "",
  redo: () => "",
  screen: undefined,
  mute: () => undefined,
} as const;

type Done = (error?: Error | null) => void;

/** Keeps nothing itself: a queue of its own could be overtaken by what is written to the terminal beside it. */
class FilteredStream extends EventEmitter implements NodeJS.WritableStream {
  readonly #terminal: NodeJS.WriteStream;
  readonly #filter: TerminalFilter;
  /** Somebody may wait for room; who does not wait writes on, and is not counted again */
  #isFull = false;
  #isMute = false;

  constructor(terminal: NodeJS.WriteStream, filter: TerminalFilter) {
    super();
    this.#terminal = terminal;
    this.#filter = filter;
  }

  get writable(): boolean {
    return this.#terminal.writable;
  }

  write(data: Uint8Array | string, encoding?: BufferEncoding | Done, done?: Done): boolean {
    const then = typeof encoding === "function" ? encoding : done;
    const bytes =
      typeof data === "string" ? Buffer.from(data, typeof encoding === "string" ? encoding : "utf8") : data;
    const shown = this.#filter.push(bytes);
    if (shown.length === 0 || this.#isMute) {
      then?.();
      return true;
    }
    const hasRoom = this.#terminal.write(shown, then);
    if (!hasRoom && !this.#isFull) this.#passNews();
    return hasRoom;
  }

  /** Whoever waits for room need not wait any more. */
  mute(): void {
    this.#isMute = true;
    if (this.#isFull) this.emit("drain");
  }

  /** The terminal is the program's own and stays open. */
  end(
    data?: Uint8Array | string | (() => void),
    encoding?: BufferEncoding | (() => void),
    done?: () => void,
  ): this {
    if (data !== undefined && typeof data !== "function")
      this.write(data, typeof encoding === "string" ? encoding : undefined);
    const then = [data, encoding, done].find((one) => typeof one === "function");
    if (typeof then === "function") then();
    return this;
  }

  /** Whoever waits for room hears of it, or of the terminal's end; listeners are only there while somebody may wait. */
  #passNews(): void {
    this.#isFull = true;
    const stop = () => {
      this.#isFull = false;
      this.#terminal.off("drain", onDrain).off("error", onError);
    };
    const onDrain = () => {
      stop();
      this.emit("drain");
    };
    const onError = (error: Error) => {
      stop();
      if (this.listenerCount("error") > 0) this.emit("error", error);
    };
    this.#terminal.on("drain", onDrain).on("error", onError);
  }
}
