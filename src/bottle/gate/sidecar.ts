/** The sidecar of a bottle that runs: gate and filter, as the launcher holds them. */
import type { SecretUse } from "../../core/secret-ledger.ts";
import type { GateEvent } from "../../protocol/gate-events.ts";
import type { GateLiveMessage } from "../../protocol/gate.ts";
import type { RefusedHost, SeenEgress } from "../bottle.ts";

/** A sidecar that runs, and the way to bring its parts back. */
export interface Sidecar {
  /** The CA certificate (PEM) for inspected hosts */
  authority(): Promise<string>;
  refused(): readonly RefusedHost[];
  /** All that came by so far */
  readonly seen: () => SeenEgress;
  /** What became of each secret that it holds */
  secrets(): readonly SecretUse[];
  /** True if the API does not take the credential */
  isTokenRefused(): boolean;
  /** Writes to the gate's stdin */
  send(message: GateLiveMessage): Promise<void>;
  /** Resolves when the gate has told all and ended, or does not end in time; for one that was asked to end */
  settled(): Promise<void>;
  /** Has every event of the gate told, also of one that takes its place */
  listen(listener: (event: GateEvent) => void): void;
  /** Starts a part that ended or hangs again and verifies it. pipelock lives in the gate's namespace and goes with it. */
  startAgain(part: "gate" | "pipelock"): Promise<void>;
}
