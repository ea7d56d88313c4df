/** An agent that is up, and has not got its environment yet. */
import type { Part } from "../platform/part.ts";
import type { WaitingAgent } from "./handshake.ts";

/** An agent whose entry program waits: its exit code to come, and its attached streams. */
export interface StartedAgent {
  readonly part: Part;
  readonly exit: Promise<number>;
  readonly waiting: WaitingAgent;
}
