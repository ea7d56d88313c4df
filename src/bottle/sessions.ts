/** The part of the contract that concerns bottles which run already: joined, entered, looked at and ended by another process. */
import type { ProgramStream } from "../core/byte-stream.ts";
import type { SessionTerminal } from "../core/terminal.ts";
import type { SshServerRequest } from "../protocol/ssh-server.ts";

export interface JoinRequest {
  /** Of a bottle that runs, whole */
  readonly session: string;
  readonly terminal: SessionTerminal;
  /** What claude has switched on at its terminal so far; empty if nobody knows */
  readScreen(): Promise<string>;
  /** Aborted by a signal: the terminal is given back, claude goes on */
  readonly signal: AbortSignal;
}

export interface JoinEnd {
  /** `detached`: claude goes on */
  readonly how: "ended" | "detached";
  /** Claude's own, if it ended and the engine says so */
  readonly exitCode: number | undefined;
}

export interface EnterRequest {
  readonly session: string;
  /** Seen by everybody who can list processes on the engine's machine */
  readonly command: readonly string[];
  /** With `isTerminal` the command gets a terminal of its own */
  readonly terminal: SessionTerminal;
  readonly signal: AbortSignal;
}

/**
 * `starting`: claude has not got its environment yet. `idle`: it has not been asked anything. `working`: a turn is under way. `waiting`:
 * the turn is over or claude has a question. `unknown`: the bottle does not say.
 */
export type Activity = "starting" | "idle" | "working" | "waiting" | "unknown";

/** What an agent has asked the user for. The host passed the gate's grammar; the reason is the agent's own words. */
export interface OpenAsk {
  readonly host: string;
  readonly port: number;
  /** TLS where it is left out */
  readonly protocol?: "http" | "tcp" | undefined;
  readonly reason: string;
  /** ISO 8601, of the engine's clock */
  readonly time: string;
}

export interface BottleDetails {
  /** By claude's own account, from inside the bottle: good for showing, not for deciding */
  readonly activity: Activity;
  /** Of the agent's container, without what the kernel can drop; undefined if the engine does not say */
  readonly memoryBytes: number | undefined;
  /** Different `host:port` pairs that were refused so far; undefined if the sidecar does not say */
  readonly refused: number | undefined;
  /** What the agent has asked for and has no answer to; undefined as `refused` is */
  readonly asks: readonly OpenAsk[] | undefined;
  /** All of its processes are stopped and its connections cut; undefined as `refused` is */
  readonly isFrozen: boolean | undefined;
}

/** What an agent has made so far, by the account of git in its bottle: good for showing, not for deciding. */
export interface SoFar {
  readonly commits: number;
  /** Files that are not as the last commit has them */
  readonly files: number;
}

export interface TypeRequest {
  readonly session: string;
  /** Printable text and line breaks */
  readonly text: string;
  /** As for `JoinRequest` */
  readScreen(): Promise<string>;
}

export interface ScreenRequest {
  readonly session: string;
  readonly take: (data: Uint8Array) => void;
  /** Called with its size in characters before anything is drawn */
  readonly onSize: (columns: number, rows: number) => void;
  readonly signal: AbortSignal;
}

export interface SshRequest {
  readonly session: string;
  readonly keys: SshServerRequest;
  /** The two ends of the connection */
  readonly terminal: Pick<SessionTerminal, "input" | "isTerminal" | "output" | "errorOutput">;
  readonly signal: AbortSignal;
}

/** A bottle to whose programs connections can be made. */
export interface ReachedBottle {
  /** Whole name */
  readonly name: string;
  /** To whatever listens on its loopback; what cannot be reached ends with a word on the other output */
  connect(port: number): Promise<ProgramStream>;
  /** Resolves when it has ended */
  readonly ended: Promise<void>;
}

export interface BottleSessions {
  reach(session: string): Promise<ReachedBottle>;
  /** Connects a terminal to claude, beside others that may be connected, until it is detached or claude ends. */
  join(request: JoinRequest): Promise<JoinEnd>;
  /** Runs a command in the bottle as the agent's user with the agent's environment; resolves with its exit code. */
  enter(request: EnterRequest): Promise<number>;
  /** Never rejects: what cannot be told is left open. */
  readDetails(session: string): Promise<BottleDetails>;
  /** Undefined where nothing can be told. `known`: commits that went in */
  readSoFar(session: string, known: readonly string[]): Promise<SoFar | undefined>;
  /** Types a text into claude's prompt and presses Enter, without joining a terminal. */
  type(request: TypeRequest): Promise<void>;
  /** Looks at what claude draws until the signal comes or it ends; it is asked to draw all of it once. */
  watchScreen(request: ScreenRequest): Promise<void>;
  /** Starts an ssh server in the bottle for one connection and carries it until either side ends it. */
  carrySsh(request: SshRequest): Promise<void>;
  /** Asks claude to end and kills it if it does not; its launcher then brings its work back and removes the bottle. */
  endAgent(session: string): Promise<void>;
}
