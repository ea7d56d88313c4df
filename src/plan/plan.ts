/**
 * The frozen value between deciding and doing: the preflight shows exactly this, and the backend executes exactly this.
 * It holds names, hosts and digests. Secret values are not in it; literals are wrapped so that they do not print.
 */
import type { CanaryKind } from "../core/canaries.ts";
import type { ContentPlan } from "./content-plan.ts";
import type { DevcontainerPlan } from "./devcontainer-plan.ts";
import type { Secret } from "../core/secret.ts";
import type { WorkspacePatterns } from "../core/workspace-patterns.ts";
import type { ClaudeOptions } from "../manifest/claude-schema.ts";
import type { Packages } from "../manifest/image-schema.ts";
import type { SetupEntry } from "../core/setup-entry.ts";
import type { AuthMode, BaseRef, ServiceEntry, SourceRef } from "../manifest/manifest.ts";
import type { EgressPlan } from "./egress-plan.ts";
import type { OwnClaudePlan } from "./own-claude-plan.ts";

export interface SkillPlan extends ContentPlan {
  readonly name: string;
  /** Absolute folder on the host */
  readonly directory: string;
  /** Files that look like credentials, relative to the folder; hostile when printed */
  readonly credentials: readonly string[];
}

/** Files of the user's at one place in the bottle. */
export interface FilesPlan extends ContentPlan {
  /** In the bottle, `~/…` */
  readonly target: string;
  /** As written: `~/…` */
  readonly from: string;
  /** Absolute on the host, links resolved */
  readonly path: string;
  /** Links that lead out and special files, relative to the folder; hostile when printed */
  readonly leftOut: readonly string[];
  readonly source: SourceRef;
}

export type EnvPlan = {
  readonly name: string;
  readonly source: SourceRef;
  /** Set if the value stays in the sidecar and is put into requests to these hosts alone; canonical names */
  readonly hosts?: readonly string[] | undefined;
} & (
  | { readonly kind: "prompt"; readonly question: string }
  | { readonly kind: "variable"; readonly variable: string }
  | { readonly kind: "literal"; readonly value: Secret }
);

export interface SshPlan {
  readonly host: string;
  readonly hostname: string;
  readonly user: string;
  readonly port: number;
  /** Absolute path on the host */
  readonly identityFile: string;
  /** `SHA256:…` of the public key, or why it cannot be told */
  readonly fingerprint: string;
  /** It is asked for after the yes */
  readonly hasPassphrase?: boolean;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
  readonly hostKeyFingerprint: string;
  readonly source: SourceRef;
}

export interface RuntimePlan {
  /** Name to give the engine; undefined means the engine's default */
  readonly name: string | undefined;
  /** As shown: `runsc (gVisor)`, `runc` */
  readonly label: string;
  readonly reason: string;
  /** `probe`: starts only once the image is there, so the probe runs after the build; until then `name` is a hope */
  readonly state: "ready" | "probe";
}

export interface ContextPlan extends ContentPlan {
  /** Absolute folder on the host, links resolved */
  readonly directory: string;
  /** It is the user's home folder */
  readonly isHome: boolean;
}

export interface ImagePlan {
  /** Name and tag that is run */
  readonly reference: string;
  /** What the sidecar runs, where that is less than the bottle does: packages and a Dockerfile of the manifest's are not for it */
  readonly sidecarReference?: string | undefined;
  /** `exists`: used as it is. `build`: made before the start. `given`: set by `CLAUDE_BOTTLE_IMAGE`, never built */
  readonly state: "exists" | "build" | "given";
  readonly baseImage: string;
  readonly claudeVersion: string;
  /** So many days ago the release was published, at least; unset where nobody knows */
  readonly claudeDays?: number | undefined;
  /** Absolute path of the manifest's own Dockerfile, or of the devcontainer.json's */
  readonly dockerfile: string | undefined;
  /** What it can copy from */
  readonly context?: ContextPlan | undefined;
  /** Its text, as it is built */
  readonly dockerfileText?: string | undefined;
  /** What the build of a Dockerfile and of packages of the manifest's is connected to, by the engine's name; unset without either */
  readonly buildNetwork?: string | undefined;
  /** The manifest's own image, in place of the default one */
  readonly name?: string | undefined;
  /**
   * The id of what a `name` without a digest means on this engine, which is what is approved and run; `absent` if it is not there and
   * means nothing yet. Unset with a digest, which says all that an id would
   */
  readonly resolved?: string | undefined;
  /** What the bottle's image is built on, in place of the default one */
  readonly devcontainer?: DevcontainerPlan | undefined;
  /** What the folders of the devcontainer's features hold, by the features' names */
  readonly features?: readonly (ContextPlan & { readonly id: string })[] | undefined;
  readonly packages?: Packages | undefined;
  /** Of `CLAUDE_BOTTLE_CA_CERTS` */
  readonly extraCertificates?: { readonly count: number; readonly digest: string } | undefined;
}

/** Where a credential that no variable holds is taken from after the yes */
export type TokenOrigin = "command" | "keychain";

/** Which variable of the host environment holds Claude's credential. The value is taken after the yes. */
export interface TokenPlan {
  readonly kind: "oauth" | "api-key";
  readonly variable: string;
}

export interface WorkspacePlan extends WorkspacePatterns {
  /** Absolute folder on the host */
  readonly directory: string;
  readonly files: number;
  readonly bytes: number;
  /** The repository goes in beside the files */
  readonly hasRepository: boolean;
  /** Files that go in and look like credentials, relative to the folder; hostile when printed */
  readonly credentials: readonly string[];
  /** Sentences on what goes in otherwise than one expects; hostile when printed */
  readonly notes: readonly string[];
}

/** What is prepared before claude runs, and kept for later starts. */
export interface SetupPlan {
  readonly run: readonly string[];
  /** `digest`: SHA-256 of the content that goes in, hex */
  readonly inputs: readonly { readonly path: string; readonly digest: string }[];
  /** Relative to the workspace, or from `~/` */
  readonly keep: readonly string[];
  /** Of everything that decides what comes out but the image, hex */
  readonly key: string;
  /** When what is kept was made, ISO 8601; unset if the commands run at this start */
  readonly keptSince?: string | undefined;
  readonly source: SourceRef;
}

export interface LimitsPlan {
  readonly memoryBytes: number;
  readonly cpus: number | undefined;
  readonly pids: number;
}

/** A program beside the agent, in a container of its own that the agent alone reaches. */
export interface ServicePlan extends Omit<ServiceEntry, "keeps"> {
  /** As an image's `resolved` */
  readonly resolved?: string | undefined;
  /** Set if its data is kept: the same for the next session of the same bottle in the same folder */
  readonly keepKey?: string | undefined;
}

/** A made-up credential that is planted. */
export interface CanaryPlan {
  readonly kind: CanaryKind;
  /** Below the agent's home folder */
  readonly place: string;
  /** Why it is not planted, if it is not */
  readonly obstacle?: string | undefined;
}

export interface BottlePlan {
  /** Random and unique, part of every object's name: `k3f9q2` */
  readonly session: string;
  /** `<agent slug>-<session>`: what people type */
  readonly bottleName: string;
  readonly agent: {
    readonly name: string;
    readonly prompt: string;
    readonly claude?: ClaudeOptions | undefined;
    /** What the manifest wants in the image */
    readonly claudeVersion?: string | undefined;
    readonly base?: BaseRef | undefined;
    readonly source: SourceRef;
  };
  readonly bottle: {
    readonly name: string;
    readonly base?: BaseRef | undefined;
    readonly source: SourceRef;
  };
  readonly image: ImagePlan;
  readonly runtime: RuntimePlan;
  readonly env: readonly EnvPlan[];
  readonly skills: readonly SkillPlan[];
  readonly ownClaude?: OwnClaudePlan | undefined;
  readonly ssh: readonly SshPlan[];
  /** Unset if there are none */
  readonly services?: readonly ServicePlan[] | undefined;
  /** A compose file that some of them are from, and what of it is not taken; hostile when printed */
  readonly compose?:
    | {
        readonly file: string;
        readonly notTaken: readonly {
          readonly line: number;
          readonly path: string;
          readonly reason: string;
        }[];
      }
    | undefined;
  readonly files?: readonly FilesPlan[] | undefined;
  /** Unset if there are none */
  readonly canaries?: readonly CanaryPlan[] | undefined;
  readonly egress: EgressPlan;
  readonly auth: AuthMode;
  /** Undefined if there is none, which ends a start but not a dry run */
  readonly token: TokenPlan | undefined;
  /** Set while there is no `token` yet */
  readonly tokenOrigin?: TokenOrigin;
  readonly limits: LimitsPlan;
  readonly workspace: WorkspacePlan | undefined;
  /** Those of `workspace`, also where no folder goes in: an approval is for starts with one and without */
  readonly workspacePatterns: WorkspacePatterns;
  /** Unset without a workspace, too */
  readonly setup?: SetupPlan | undefined;
  /** The manifest's, also where no folder goes in: an approval is for starts with one and without */
  readonly wantedSetup?: SetupEntry | undefined;
  /** Words after `--`, passed to claude */
  readonly claudeArguments: readonly string[];
  /** Claude gets a terminal of its own */
  readonly hasTerminal: boolean;
  /** Set if the session goes on when the terminal that it was started from is closed */
  readonly onHangup?: "detach";
}
