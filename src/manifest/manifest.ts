/** The manifest after reading, checking and merging: what every later step works with. */

import type { CanaryKind } from "../core/canaries.ts";
import type { GitRule } from "../core/git-rules.ts";
import type { AccountRule } from "../core/http-rules/host-rules.ts";
import type { OwnClaude } from "../core/own-claude.ts";
import type { SetupEntry } from "../core/setup-entry.ts";
import type { WorkspacePatterns } from "../core/workspace-patterns.ts";
import type { ClaudeOptions } from "./claude-schema.ts";
import type { Packages } from "./image-schema.ts";

/** Where an entry stands, so that every grant can name its origin. */
export interface SourceRef {
  /** As shown to people: relative to the working directory, or with `~` */
  readonly file: string;
  readonly scope: "home" | "project";
  /** 1-based */
  readonly line: number;
  /** 1-based, in UTF-16 code units */
  readonly column: number;
}

/** The entry that another stands on. */
export interface BaseRef {
  readonly name: string;
  readonly source: SourceRef;
}

/** How an env entry gets its value. */
export type EnvValue =
  /** Asked for at launch, hidden */
  | { readonly kind: "prompt"; readonly question: string }
  /** Copied from the launcher's environment */
  | { readonly kind: "variable"; readonly variable: string }
  | { readonly kind: "literal"; readonly value: string };

export interface EnvEntry {
  readonly name: string;
  readonly value: EnvValue;
  /** Set if the value is for these hosts alone and stays out of the bottle; canonical names */
  readonly hosts?: readonly string[] | undefined;
  readonly source: SourceRef;
}

export interface SshEntry {
  /** The alias, as in `ssh_config` */
  readonly host: string;
  /** Canonical, see `core/host-name.ts` */
  readonly hostname: string;
  readonly user: string;
  readonly port: number;
  /** As written, `~` not yet expanded */
  readonly identityFile: string;
  /** `ssh-ed25519 AAAA…`: key type and base64 key, without the host name */
  readonly hostKey: string;
  readonly source: SourceRef;
}

/** A file or folder of the user's that goes into the bottle. */
export interface FilesEntry {
  /** In the bottle, `~/…`; a folder ends with a slash on both sides */
  readonly target: string;
  /** On this machine, as written: `~/…` */
  readonly from: string;
  readonly source: SourceRef;
}

/** Repositories of one host that git may use. */
export interface GitEntry extends GitRule {
  /** Canonical */
  readonly host: string;
  /** The host may lead to a private address */
  readonly isPrivate: boolean;
  readonly source: SourceRef;
}

export interface HostGrant {
  /** Canonical name or `*.name` */
  readonly host: string;
  /** Undefined: the usual one of the list; under `private` every port */
  readonly port?: number | undefined;
  readonly source: SourceRef;
}

/** One line of what a host allows. */
export interface RuleLine {
  /** In the grammar of `core/http-rules/http-rule.ts` */
  readonly text: string;
  /** Set if it is from a preset */
  readonly preset?: string | undefined;
  readonly source: SourceRef;
}

/** What a host allows that is not allowed whole. */
export interface RulesEntry {
  readonly lines: readonly RuleLine[];
  readonly account: AccountRule;
}

export interface RuledGrant extends HostGrant {
  /** Unset: all of it */
  readonly rules?: RulesEntry | undefined;
}

/** Who looks at what a host is sent: the gate, or pipelock, which looks at answers too. */
export type Inspector = "gate" | "pipelock";

export interface InspectGrant extends HostGrant {
  readonly by?: Inspector | undefined;
  /** Rules of the gate whose findings go through to this host */
  readonly allow?: readonly string[] | undefined;
}

export interface EgressEntry {
  readonly allowlist: readonly RuledGrant[];
  /** Hosts that may resolve to a private address (LAN, Tailscale) */
  readonly private: readonly HostGrant[];
  /** Hosts whose TLS the sidecar opens to look for credentials */
  readonly inspect: readonly InspectGrant[];
  /** Hosts reachable by plain http, which pipelock reads */
  readonly http: readonly HostGrant[];
  /** Exact pairs, each with a port, in whose connections nothing is looked for */
  readonly tcp?: readonly HostGrant[] | undefined;
}

export interface LimitsEntry {
  readonly memoryBytes: number;
  /** May be a fraction */
  readonly cpus: number | undefined;
  readonly pids: number;
}

/** How much a host may be sent; what is unset has no limit. */
export interface BoundEntry {
  /** Canonical name or `*.name`, whose names share it */
  readonly host: string;
  readonly uploadBytes?: number | undefined;
  readonly requests?: number | undefined;
  readonly source: SourceRef;
}

/** What runs beside an agent in a container of its own, for that agent alone. */
export interface ServiceEntry {
  /** Its host name for the agent */
  readonly name: string;
  readonly image: string;
  /** No secret among them */
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** In place of the image's */
  readonly command?: readonly string[] | undefined;
  /** In place of the image's own check */
  readonly ready?: readonly string[] | undefined;
  /** Names of those that must be ready before it starts */
  readonly after: readonly string[];
  /** Room for what it writes, unless that is kept */
  readonly dataBytes: number;
  /** Its data stays for the next session */
  readonly keeps: boolean;
  /** Further folders that it can write to */
  readonly writable: readonly string[];
  readonly limits: LimitsEntry;
  readonly source: SourceRef;
}

/** `gate`: the token stays in the sidecar. `env`: it is put into the bottle. */
export type AuthMode = "gate" | "env";

export interface BottleEntry {
  readonly name: string;
  readonly env: readonly EnvEntry[];
  readonly ssh: readonly SshEntry[];
  readonly files?: readonly FilesEntry[] | undefined;
  readonly git?: readonly GitEntry[] | undefined;
  readonly egress: EgressEntry;
  readonly auth: AuthMode;
  readonly limits: LimitsEntry;
  /** Built on top of the default image; relative to the folder of the manifest it stands in */
  readonly dockerfile: string | undefined;
  /** Folder that the Dockerfile copies from, relative as that is */
  readonly buildContext?: string | undefined;
  /** An image made by others, in place of the default one */
  readonly imageName?: string | undefined;
  /** A devcontainer.json in place of it: found beside the manifest, or a path relative as that of the Dockerfile */
  readonly devcontainer?: true | string | undefined;
  /** Installed on top of the image */
  readonly packages?: Packages | undefined;
  readonly services?: readonly ServiceEntry[] | undefined;
  /** A compose file that has further ones; relative to the folder of the manifest it stands in */
  readonly compose?: { readonly path: string; readonly source: SourceRef } | undefined;
  /** What is made once and is there at each start */
  readonly setup?: (SetupEntry & { readonly source: SourceRef }) | undefined;
  /** Made-up credentials that are planted in it */
  readonly canaries?: readonly CanaryKind[] | undefined;
  /** How much hosts may be sent in one session */
  readonly bounds?: readonly BoundEntry[] | undefined;
  /** For all its agents, each of which may add some */
  readonly workspace?: WorkspacePatterns | undefined;
  /** What it stands on; all of that is in this entry already */
  readonly base?: BaseRef | undefined;
  /** Where the image's keys stand, if not at `source` */
  readonly imageSource?: SourceRef | undefined;
  readonly source: SourceRef;
}

export interface AgentEntry {
  readonly name: string;
  readonly bottle: string;
  readonly skills: readonly string[];
  readonly prompt: string;
  /** What a closed terminal does to a session; `stop` by default */
  readonly onHangup?: "stop" | "detach" | undefined;
  readonly claude?: ClaudeOptions | undefined;
  /** Release of Claude Code in the image, or `latest`; that of this program by default */
  readonly claudeVersion?: string | undefined;
  /** What it takes of the user's own Claude Code */
  readonly ownClaude?: OwnClaude | undefined;
  /** Added to the bottle's */
  readonly workspace?: WorkspacePatterns | undefined;
  /** As a bottle's */
  readonly base?: BaseRef | undefined;
  readonly source: SourceRef;
}

export interface Manifest {
  readonly bottles: ReadonlyMap<string, BottleEntry>;
  readonly agents: ReadonlyMap<string, AgentEntry>;
}
