/** The part of the contract that concerns bottles which run already: their policy, changed and watched by another process. */
import type { SecretNote } from "../core/secret-ledger.ts";

export interface AllowRequest {
  /** As the user named it: its whole name, or the only beginning of one */
  readonly bottle: string;
  /** Canonical name or `*.name`, on port 443 */
  readonly host: string;
  /** May lead to a private address */
  readonly isPrivate: boolean;
  /** Undefined: until the session ends */
  readonly forMs: number | undefined;
}

export interface DenyRequest {
  readonly bottle: string;
  /** Canonical name or `*.name`; all its ports */
  readonly host: string;
}

/** What the sidecar has confirmed. */
export interface PolicyOutcome {
  readonly bottle: string;
  /** The manifest's name for it */
  readonly manifestBottle: string;
  /** `host:port` pairs that were changed */
  readonly pairs: readonly string[];
  /** When a timed grant ends, ISO 8601 */
  readonly until: string | undefined;
  /** Things the user should know, one sentence each */
  readonly notes: readonly string[];
}

/** One thing that happened at a bottle's only way out. Texts are hostile until escaped, and free of credentials. */
export interface EgressRecord {
  /** ISO 8601, of the engine's clock */
  readonly time: string;
  readonly source: "gate" | "pipelock";
  readonly kind: "attempt" | "closed" | "api" | "policy" | "filter" | "blocked" | "note" | "secret";
  readonly verdict: "allowed" | "refused" | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** A stable word: the gate's code, or pipelock's scanner */
  readonly code: string | undefined;
  readonly reason: string | undefined;
  readonly sentBytes: number | undefined;
  readonly receivedBytes: number | undefined;
  readonly durationMs: number | undefined;
  /** For `secret`: what `makeLedger` makes the ledger of */
  readonly secret?: SecretNote;
}

export interface EgressRequest {
  readonly bottle: string;
  /** Go on until the bottle ends or the signal comes */
  readonly isFollowing: boolean;
  readonly signal: AbortSignal;
}

export interface LiveBottles {
  /** Grants a host to a running bottle; resolves once the sidecar has confirmed it. What fails half-way is taken back. */
  allow(request: AllowRequest): Promise<PolicyOutcome>;
  /** Refuses a host and cuts what is open to it; resolves once the gate has confirmed it. */
  deny(request: DenyRequest): Promise<PolicyOutcome>;
  /** What went through the sidecar, oldest first, as far back as its log reaches. */
  readEgress(request: EgressRequest): AsyncIterable<EgressRecord>;
  /** The same of a session by its whole id, as long as its sidecar is there, be it that it has ended. */
  readSessionEgress(session: string, signal: AbortSignal): AsyncIterable<EgressRecord>;
}
