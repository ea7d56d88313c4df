/** What a platform can do for bottles that run. A session's id is the only key. */
import type { RunningBottle } from "../bottle.ts";
import type { FoundService } from "./services.ts";
import type { Part, PartRole } from "./part.ts";

/** Those that there still are of a session, running or not. */
export type Parts = Readonly<Partial<Record<PartRole, Part>>>;

/** What became of a part, by the platform's account. */
export interface PartEvent {
  readonly role: PartRole;
  /** `out-of-memory`: a process in it was ended for want of memory */
  readonly what: "ended" | "out-of-memory";
  /** For `ended`; undefined if the platform does not say */
  readonly exitCode?: string | undefined;
}

/** Both by one look. */
export interface FoundParts {
  /** Undefined without an agent's part */
  readonly bottle: RunningBottle | undefined;
  readonly parts: Parts;
}

export interface Running {
  /** Oldest first. */
  list(): Promise<readonly RunningBottle[]>;
  /** The bottle as `list` has it, and its parts. */
  find(session: string): Promise<FoundParts>;
  findParts(session: string): Promise<Parts>;
  /** Running or not, in no order. */
  findServices(session: string): Promise<readonly FoundService[]>;
  /** From now on, until the signal or the platform's own end; resolves once the platform has taken note. */
  openEvents(session: string, signal: AbortSignal): Promise<AsyncIterable<PartEvent>>;
}
