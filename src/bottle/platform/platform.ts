/** What a platform can do for bottles that run: the small port below everything that a bottle is. A session's id is the only key. */
import type { RunningBottle } from "../bottle.ts";
import type { Part, PartRole } from "./part.ts";

/** Those that there still are of a session, running or not. */
export type Parts = Readonly<Partial<Record<PartRole, Part>>>;

/** What one platform can and another cannot, as data: decided by it, and never by a platform's name. */
export interface Capabilities {
  /** Commands as another user than the part's own */
  readonly runsAsOthers: boolean;
  /** The terminal of a part that runs already can be given another size */
  readonly resizes: boolean;
}

/** What became of a part, by the platform's account. */
export interface PartEvent {
  readonly role: PartRole;
  /** `out-of-memory`: a process in it was ended for want of memory */
  readonly what: "ended" | "out-of-memory";
  /** For `ended`; undefined if the platform does not say */
  readonly exitCode?: string | undefined;
}

export interface Platform {
  readonly capabilities: Capabilities;
  /** Oldest first. */
  list(): Promise<readonly RunningBottle[]>;
  findParts(session: string): Promise<Parts>;
  /** From now on, until the signal or the platform's own end; resolves once the platform has taken note. */
  openEvents(session: string, signal: AbortSignal): Promise<AsyncIterable<PartEvent>>;
}
