/**
 * What launcher and gate say to each other over the gate container's attached stdin and stdout.
 * stdin: first the gate program itself (a decimal length line, then that many bytes), read by the bootstrap; then one JSON
 * message a line. stdout: one JSON event a line. Secrets travel only on stdin and are kept in memory only.
 */
import type { GateDestination } from "./gate-destination.ts";
import type { GatePorts } from "./gate-events.ts";

/** The proxy that the agent talks to (HTTPS_PROXY) */
export const gateProxyPort = 8888;
/** The Anthropic API forwarder (ANTHROPIC_BASE_URL), open only with `auth: "gate"` */
export const gateApiPort = 8080;
/** The ssh-agent protocol over TCP, open only if there are keys */
export const gateSshAgentPort = 8890;
/** Where the agent asks the user for a host (`bottle-request`, and a tool of claude's) */
export const gateAskPort = 8891;
/** Where pipelock listens, on the loopback of the shared namespace */
export const pipelockPort = 8889;
/** Where no host of `egress.tcp` can be listened for */
export const gatePorts = [gateProxyPort, gateApiPort, gateSshAgentPort, pipelockPort] as const;
/** Name of the gate in the agent's hosts file */
export const gateHostName = "gate";

/**
 * Of the messages between launcher and gate. A message of version 1 does not name it: gates of that version take no field that they do not
 * know. From 2 on each names it, and whoever knows only earlier ones refuses the message in words.
 */
export const gateMessageVersion = 1;

/** As it is sent. */
export function withVersion<T extends object>(message: T, version: number = gateMessageVersion): T {
  return version === 1 ? message : { ...message, version };
}

/** The version of a message that is later than what this program knows; undefined for one that it can read. */
export function findLaterMessage(message: unknown): number | undefined {
  if (typeof message !== "object" || message === null || !("version" in message)) return undefined;
  const { version } = message;
  return typeof version === "number" && version > gateMessageVersion ? version : undefined;
}

export interface GateSshKey {
  /** Private key in OpenSSH or PEM form */
  readonly privateKey: string;
  /** Of a key that has one */
  readonly passphrase?: string;
  /** Shown in events; the alias of the entry */
  readonly host: string;
  /** The one name that the key may log in with; no pattern, no `@` */
  readonly user: string;
  /** `ssh-ed25519 AAAA…` of the one server that the key may log in to */
  readonly hostKey: string;
}

/** An env entry of the manifest whose value stays with its hosts: the bottle holds the placeholder only. */
export interface GateSecret {
  /** Of the variable; shown in events */
  readonly name: string;
  readonly placeholder: string;
  readonly value: string;
  /** Canonical names, reached on port 443; the gate opens their TLS */
  readonly hosts: readonly string[];
}

/** A secret of the session that must not leave through an inspected host. */
export interface GateOwnSecret {
  /** As it is told and allowed: `env:NAME`, `token`, `ssh:HOST` */
  readonly rule: string;
  readonly value: string;
  /** The agent can read it */
  readonly isInBottle: boolean;
  /** Known to be one, and not a word of a configuration */
  readonly isSure: boolean;
}

/** A part of a credential that was made up for this session, and stands in the bottle for whoever looks for one. */
export interface GateCanary {
  /** `aws`, `npm` */
  readonly kind: string;
  /** `~/.aws/credentials`; shown in events */
  readonly place: string;
  readonly value: string;
}

/** How much a host may be sent in this session; what is unset has no limit. */
export interface GateBound {
  /** Canonical name or `*.name`, whose names share it */
  readonly host: string;
  readonly uploadBytes?: number;
  readonly requests?: number;
}

/** What the agent shows as Claude's credential when the real one is in the sidecar; the API would refuse it */
export const tokenPlaceholder = "claude-bottle-placeholder";

export interface GateApi {
  /** Canonical name of the one upstream, reached on port 443 */
  readonly host: string;
  /** May resolve to a private address (a company's own gateway) */
  readonly isPrivate: boolean;
  readonly credential: {
    readonly header: "authorization" | "x-api-key";
    readonly value: string;
    /** Of the variable that it came from; shown in events */
    readonly name?: string;
  };
}

/** What stands between this network and the internet, such as a company's proxy. */
export interface GateProxy {
  /** Canonical name or IPv4 address */
  readonly host: string;
  readonly port: number;
  /** Value of the header Proxy-Authorization */
  readonly authorization?: string;
  /** Hosts that are reached past it, as `core/no-proxy.ts` has them */
  readonly direct: readonly string[];
  /** IPv4 addresses of those who know these hosts' addresses, and the proxy's */
  readonly nameservers: readonly string[];
}

export interface GateConfiguration {
  readonly type: "configure";
  /**
   * Where to listen: the gate's IPv4 address on the bottle's own network. It has another one on the way out, where every program of the
   * engine's host, and on some engines every machine beside it, could use the credentials that it puts in. Without it: loopback.
   */
  readonly address?: string;
  /** The one that is heard: the agent's IPv4 address. Without it: everybody */
  readonly peer?: string;
  readonly destinations: readonly GateDestination[];
  /** `pipelock`: tunnels go on through 127.0.0.1:pipelockPort. `builtin`: the gate dials itself */
  readonly filter: "pipelock" | "builtin";
  /** All hosts but those that it names itself are reached through it */
  readonly proxy?: GateProxy;
  /** Set for `auth: "gate"`: forwards Claude's API calls with this credential */
  readonly api?: GateApi;
  readonly sshKeys: readonly GateSshKey[];
  /** Set only if the bottle has any, and then `inspect` is set too */
  readonly secrets?: readonly GateSecret[];
  /** What the gate looks for at hosts that it inspects, and knows this bottle's credentials by; set only with `inspect` */
  readonly own?: readonly GateOwnSecret[];
  /** Set only if there are any */
  readonly canaries?: readonly GateCanary[];
  /** Set only if there are any */
  readonly bounds?: readonly GateBound[];
  /** Hosts whose TLS pipelock or the gate opens: the gate makes the CA in `caDirectory` before it says `ready` */
  readonly inspect?: {
    readonly caDirectory: string;
    /** EC in SEC1 PEM, for a gate that may have to be replaced; without it the gate makes one */
    readonly caKey?: string;
  };
  /** Other ports than the fixed ones, for tests on one loopback; 0 lets the system choose */
  readonly ports?: GatePorts;
  /** In place of a gate that ended: what that one told is in the same log, and this one cannot count it */
  readonly isAgain?: boolean;
}

/** Grants one more destination from now on; answered by `policy` with the same id, as `deny` is. */
export interface GateAllow {
  readonly type: "allow";
  /** Chosen by the sender */
  readonly id: string;
  readonly destination: GateDestination;
  /** The grant ends by itself after so many milliseconds */
  readonly forMs?: number;
}

/** Refuses a pair from now on and cuts what is open to it. */
export interface GateDeny {
  readonly type: "deny";
  readonly id: string;
  /** Canonical name or `*.name` */
  readonly host: string;
  readonly port: number;
}

/** Takes back what was allowed or denied for the very same pair: the grants of the start decide again. Answered by `policy`. */
export interface GateForget {
  readonly type: "forget";
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

/** Changes what a host may be sent from now on; answered by `bound` with the same id, once for each of the two. */
export interface GateChangeBound {
  readonly type: "bound";
  readonly id: string;
  readonly bound: GateBound;
}

/**
 * `describe` is answered by `described`, `ping` by `pong`, `freeze` and `thaw` by `freeze`: frozen, the gate hears nobody, and what was
 * open is cut. `begin` is answered by `begun` once no other change is under way, and
 * `end` with the same id, answered by `ended`, lets the next one begin.
 */
export interface GateQuestion {
  readonly type: "describe" | "ping" | "begin" | "end" | "freeze" | "thaw";
  readonly id: string;
}

/** What any process that may use the engine can send to a running gate. */
export type GateLiveMessage = GateAllow | GateDeny | GateForget | GateChangeBound | GateQuestion;

export type GateMessage = GateConfiguration | GateLiveMessage;

/** What an agent can ask for on a port: `tcp` is anything */
export const askedProtocols = ["tls", "http", "tcp"] as const;

export type AskedProtocol = (typeof askedProtocols)[number];

/** Why an attempt was refused; a stable word for scripts and a sentence for people stand beside it. */
export const refusalCodes = [
  "not-allowed",
  "wrong-port",
  "plain-http",
  "not-tls",
  "sni-missing",
  "sni-mismatch",
  "hidden-name",
  "not-ssh",
  "private-address",
  "filter",
  "git-rule",
  "rule",
  "account",
  "secret",
  "bound",
  "unreachable",
  "malformed",
  "too-many",
] as const;

export type RefusalCode = (typeof refusalCodes)[number];
