/** The part of the contract that concerns bottles which run already: their policy, changed and watched by another process. */
import type { EgressRecord } from "../protocol/egress-record.ts";

export interface AllowRequest {
  /** Of a bottle that runs, whole */
  readonly session: string;
  /** Canonical name or `*.name` */
  readonly host: string;
  /** 443 if it is left out */
  readonly port?: number | undefined;
  /** `tls` if it is left out */
  readonly protocol?: LiveProtocol | undefined;
  /** May lead to a private address */
  readonly isPrivate: boolean;
  /** Only requests that this rule names, beside those that are allowed already; undefined: the whole host */
  readonly rule?: string | undefined;
  /** Undefined: until the session ends */
  readonly forMs: number | undefined;
}

/** What a running bottle can be allowed on a port; `tcp` is anything, past the filter */
export type LiveProtocol = "tls" | "http" | "tcp";

export interface UndoRequest {
  readonly session: string;
  /** Canonical name or `*.name` */
  readonly host: string;
  /** 443 if it is left out */
  readonly port?: number | undefined;
}

export interface DenyRequest {
  readonly session: string;
  /** Canonical name or `*.name` */
  readonly host: string;
  /** All its ports if it is left out */
  readonly port?: number | undefined;
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

export interface EgressRequest {
  readonly session: string;
  /** Go on until the bottle ends or the signal comes */
  readonly isFollowing: boolean;
  readonly signal: AbortSignal;
}

export interface BoundRequest {
  readonly session: string;
  /** Canonical name or `*.name` */
  readonly host: string;
  /** What it may be sent in the whole session; one of the two at least */
  readonly uploadBytes?: number | undefined;
  readonly requests?: number | undefined;
}

/** A bound as it is now. */
export interface BoundOutcome {
  readonly bottle: string;
  readonly bounds: readonly {
    readonly what: "upload" | "requests";
    readonly used: number;
    readonly limit: number;
  }[];
}

/** What has become of a bottle that was frozen. */
export interface FreezeOutcome {
  /** Its name */
  readonly bottle: string;
  /** Commands can still be run in it */
  readonly takesCommands: boolean;
}

export interface LiveBottles {
  /** Changes how much a host may be sent in this session; resolves once the gate has confirmed it. */
  changeBound(request: BoundRequest): Promise<BoundOutcome>;
  /** Stops every process of the agent and cuts its connections, until it is thawed or ended. */
  freeze(session: string): Promise<FreezeOutcome>;
  /** Lets a frozen bottle go on; one that is not frozen is fine. Resolves with its name. */
  thaw(session: string): Promise<string>;
  /** Grants a host to a running bottle; resolves once the sidecar has confirmed it. What fails half-way is taken back. */
  allow(request: AllowRequest): Promise<PolicyOutcome>;
  /** Refuses a host and cuts what is open to it; resolves once the gate has confirmed it. */
  deny(request: DenyRequest): Promise<PolicyOutcome>;
  /** Takes back what was allowed or denied for the host in this session: the grants of the start decide again. */
  undo(request: UndoRequest): Promise<PolicyOutcome>;
  /** What went through the sidecar, oldest first, as far back as its log reaches. */
  readEgress(request: EgressRequest): AsyncIterable<EgressRecord>;
  /** The same of a session by its whole id, as long as its sidecar is there, even if it has ended. */
  readSessionEgress(session: string, signal: AbortSignal): AsyncIterable<EgressRecord>;
}
