/**
 * What launcher and gate say to each other over the gate container's attached stdin and stdout.
 * stdin: first the gate program itself (a decimal length line, then that many bytes), read by the bootstrap; then one JSON
 * message a line. stdout: one JSON event a line. Secrets travel only on stdin and are kept in memory only.
 */

/** The proxy that the agent talks to (HTTPS_PROXY) */
export const gateProxyPort = 8888;
/** The Anthropic API forwarder (ANTHROPIC_BASE_URL), open only with `auth: "gate"` */
export const gateApiPort = 8080;
/** The ssh-agent protocol over TCP, open only if there are keys */
export const gateSshAgentPort = 8890;
/** Where pipelock listens, on the loopback of the shared namespace */
export const pipelockPort = 8889;
/** Name of the gate in the agent's hosts file */
export const gateHostName = "gate";

export interface GateDestination {
  /** Canonical name or `*.name` */
  readonly host: string;
  readonly port: number;
  readonly protocol: "tls" | "ssh";
  readonly isPrivate: boolean;
}

export interface GateSshKey {
  /** Private key in OpenSSH or PEM form, without passphrase */
  readonly privateKey: string;
  /** Shown in events; the alias of the entry */
  readonly host: string;
  /** Canonical name of the one host the key may log in to */
  readonly hostname: string;
  readonly port: number;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
}

export interface GateApi {
  /** Canonical name of the one upstream, reached on port 443 */
  readonly host: string;
  /** May resolve to a private address (a company's own gateway) */
  readonly isPrivate: boolean;
  readonly credential: { readonly header: "authorization" | "x-api-key"; readonly value: string };
}

export interface GatePorts {
  readonly proxy: number;
  readonly api: number;
  readonly sshAgent: number;
  readonly pipelock: number;
}

export interface GateConfiguration {
  readonly type: "configure";
  readonly destinations: readonly GateDestination[];
  /** `pipelock`: tunnels go on through 127.0.0.1:pipelockPort. `builtin`: the gate dials itself */
  readonly filter: "pipelock" | "builtin";
  /** Set for `auth: "gate"`: forwards Claude's API calls with this credential */
  readonly api?: GateApi;
  readonly sshKeys: readonly GateSshKey[];
  /** Hosts whose TLS pipelock opens: the gate makes the CA in `caDirectory` before it says `ready` */
  readonly inspect?: { readonly caDirectory: string };
  /** Other ports than the fixed ones, for tests on one loopback; 0 lets the system choose */
  readonly ports?: GatePorts;
}

export type GateMessage = GateConfiguration;

/** Why an attempt was refused; a stable word for scripts and a sentence for people stand beside it. */
export const refusalCodes = [
  "not-allowed",
  "wrong-port",
  "plain-http",
  "not-tls",
  "sni-missing",
  "sni-mismatch",
  "not-ssh",
  "private-address",
  "filter",
  "unreachable",
  "malformed",
  "too-many",
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/** An event as it is emitted; the time is put in by the emitter. */
export type GateEventBody = GateEvent extends infer E ? (E extends unknown ? Omit<E, "time"> : never) : never;

export type GateEvent =
  /** All listeners are open, and pipelock (if any) reports strict mode with its forward proxy on */
  | {
      readonly event: "ready";
      readonly time: string;
      readonly ports: GatePorts;
      readonly pipelock: string | null;
    }
  /** The CA for inspected hosts is written and pipelock may start; `certificate` is PEM */
  | { readonly event: "authority"; readonly time: string; readonly certificate: string }
  | { readonly event: "fatal"; readonly time: string; readonly message: string }
  | {
      readonly event: "attempt";
      readonly time: string;
      /** Canonical host as asked for, escaped if it was not a host name */
      readonly host: string;
      readonly port: number;
      readonly verdict: "allowed" | "refused";
      readonly code?: RefusalCode;
      readonly reason?: string;
    }
  | {
      readonly event: "closed";
      readonly time: string;
      readonly host: string;
      readonly port: number;
      readonly sentBytes: number;
      readonly receivedBytes: number;
      readonly durationMs: number;
    }
  | {
      readonly event: "api";
      readonly time: string;
      readonly method: string;
      readonly path: string;
      readonly status: number;
    }
  /** So many events before this one were not written, because nobody read fast enough */
  | { readonly event: "dropped"; readonly time: string; readonly count: number };
