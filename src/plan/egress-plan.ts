/** The part of a plan that says what a bottle reaches, and how. */
import type { GitRule } from "../core/git-rules.ts";
import type { BoundEntry, HostGrant, Inspector, RulesEntry, SourceRef } from "../manifest/manifest.ts";

/** Where a grant comes from: the program's own table, or a manifest entry. */
export type Origin =
  | { readonly kind: "built-in"; readonly reason: string }
  | { readonly kind: "manifest"; readonly source: SourceRef };

/** What the first bytes of a tunnel must be, anything for `tcp`; `http` goes without a tunnel, through pipelock's scanning. */
export type TunnelProtocol = "tls" | "ssh" | "http" | "tcp";

export interface InspectPlan {
  readonly by: Inspector;
  readonly allow: readonly string[];
}

/** One reachable destination. Nothing that is not in the list gets through. */
export interface Destination {
  /** Canonical name or `*.name` */
  readonly host: string;
  readonly port: number;
  readonly protocol: TunnelProtocol;
  /** May resolve to a private address */
  readonly isPrivate: boolean;
  /** Of a private host, as this machine resolves it; unset if nobody looked, empty if it does not resolve */
  readonly addresses?: readonly string[] | undefined;
  /** TLS is opened for inspection */
  readonly isInspected: boolean;
  /** By whom, and which rules' findings go through; unset: by pipelock */
  readonly inspect?: InspectPlan | undefined;
  /** The host is reached for git alone, as these say; unset: for anything */
  readonly git?: readonly GitPlan[] | undefined;
  /** The only requests that are allowed, for which the gate opens its TLS; unset: all */
  readonly rules?: RulesEntry | undefined;
  readonly origin: Origin;
}

/** A rule for repositories of one host, and where it stands. */
export interface GitPlan extends GitRule {
  readonly source: SourceRef;
}

export interface EgressPlan {
  /** Who filters behind the gate; `builtin` means the gate alone and no DLP */
  readonly filter: "pipelock" | "builtin";
  /** Image of pipelock with digest; unset for `builtin` */
  readonly pipelockImage: string | undefined;
  readonly destinations: readonly Destination[];
  /** Rules of git that another grant of their host makes useless; unset if there are none */
  readonly voidGit?: readonly VoidGit[] | undefined;
  /** How much hosts may be sent; unset if none has a bound */
  readonly bounds?: readonly BoundEntry[] | undefined;
  /** All hosts but those that it names are reached through it */
  readonly proxy?: ProxyPlan | undefined;
}

/** A rule of git that counts for nothing: the whole host is allowed. */
export interface VoidGit {
  readonly host: string;
  readonly repo: string;
  readonly source: SourceRef;
  /** Of the grant that allows the host */
  readonly by: HostGrant;
}

/** A proxy between this machine's network and the internet. Its credentials are taken after the yes. */
export interface ProxyPlan {
  readonly host: string;
  readonly port: number;
  readonly hasCredentials: boolean;
  /** Where it comes from */
  readonly variable: string;
  /** Hosts that are reached past it, as `core/no-proxy.ts` has them */
  readonly direct: readonly string[];
  /** Who is asked for what these lead to */
  readonly nameservers: readonly string[];
}
