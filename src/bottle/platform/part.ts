/**
 * A part of a bottle: one program that a platform runs. What a bottle is stands above this and knows no platform; a platform says how each
 * of these is done, and passes `test/contract`.
 */
import type { Frame, ProgramStream } from "../../core/byte-stream.ts";
import type { RunOptions, RunResult } from "../../core/run-command.ts";

/** `pipelock`: the filter, in the gate's own network */
export type PartRole = "agent" | "gate" | "pipelock";

export interface PartState {
  readonly isRunning: boolean;
  readonly hasTerminal: boolean;
  /** By the platform's own account, which some never give */
  readonly isOutOfMemory: boolean;
  /** By `pause` */
  readonly isPaused: boolean;
}

/** A command whose streams are open while it runs. */
export interface OpenOptions {
  readonly command: readonly string[];
  readonly workingDir: string;
  /** Undefined for one without a terminal */
  readonly size: { readonly columns: number; readonly rows: number } | undefined;
  /** Nothing secret: a platform may write it to a file */
  readonly env: readonly string[];
  /** Nobody waits for its output, so that the platform need not see to it that the stream ends with the part */
  readonly isUnwatched?: boolean;
}

export interface OpenCommand {
  /** Ends with the command, and with its part */
  readonly stream: ProgramStream;
  resize(columns: number, rows: number): Promise<void>;
  /** Once the output has ended; undefined if the part itself is gone */
  exitCode(): Promise<number | undefined>;
}

export interface LogOptions {
  readonly isFollowing: boolean;
  /** So many lines from before; all by default */
  readonly tail?: number;
  /** Each line begins with its time, ISO 8601, and a space */
  readonly hasTimes?: boolean;
  readonly signal?: AbortSignal;
}

export interface Part {
  readonly role: PartRole;
  /** As it was when the part was looked for */
  readonly isRunning: boolean;
  /** True if its image says that it has /bin/bash */
  readonly hasBash?: boolean;
  state(): Promise<PartState>;
  /** Begins to wait for its next end, and resolves once the platform has taken note. `exit` rejects if the platform goes away */
  openWait(): Promise<{ readonly exit: Promise<number> }>;
  /** Joins its main program, beside whoever is joined already. */
  attach(options: { readonly hasTerminal: boolean }): Promise<ProgramStream>;
  /** Of its main program's terminal, in characters. */
  resize(columns: number, rows: number): Promise<void>;
  /** What its main program has said. */
  readLogs(options: LogOptions): AsyncIterable<Frame>;
  /** As the part's own user, unless another is asked for. */
  run(options: RunOptions): Promise<RunResult>;
  open(options: OpenOptions): Promise<OpenCommand>;
  /** The text of one regular file, of a part in which no program can write; undefined if there is none. */
  readFile(path: string): Promise<string | undefined>;
  /** An uncompressed archive into a folder of a part in which no program can write, or that does not run yet. */
  putFiles(folder: string, archive: Uint8Array | ReadableStream<Uint8Array>): Promise<void>;
  /** Of one that was made and does not run yet, or was stopped; its files are as they were. One that runs is fine. */
  start(): Promise<void>;
  /** Asks its main program to end, and kills it after the grace; one that has ended is fine. */
  stop(graceSeconds: number): Promise<void>;
  /** Nothing in it runs from now on, and no command can be; one that is paused is fine. It can still be stopped and removed. */
  pause(): Promise<void>;
  /** Lets a paused part go on; one that runs is fine. */
  resume(): Promise<void>;
  /** At once and for good: nothing of the part stays. */
  remove(): Promise<void>;
  /** Without what can be dropped at once; undefined if the platform does not say. */
  readMemory(): Promise<number | undefined>;
}
