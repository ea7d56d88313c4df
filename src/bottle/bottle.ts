/** What a bottle is asked for and what it answers: the words of the contract. */
import type { FileEntry } from "../core/file-entry.ts";
import type { SecretUse } from "../core/secret-ledger.ts";
import type { Secret } from "../core/secret.ts";
import type { SessionTerminal } from "../core/terminal.ts";
import type { BottlePlan, ImagePlan, RuntimePlan } from "../plan/plan.ts";

/** What a platform can say before anything is created. Looks only; creates nothing. */
export interface Observation {
  readonly image: ImagePlan;
  readonly runtime: RuntimePlan;
  /** Ids of the images of `services` that say none themselves, by name; `absent` for one that is not there */
  readonly services?: ReadonlyMap<string, string> | undefined;
  /** Who answers, for people: `Docker 20.10.24 on unix:///var/run/docker.sock` */
  readonly engine: string;
}

export interface ImageRequest {
  /** Absolute path of the manifest's own Dockerfile */
  readonly dockerfile: string | undefined;
  /** Absolute path of the folder that it copies from */
  readonly context?: string | undefined;
  /** The manifest's own image, in place of the default one */
  readonly name?: string | undefined;
  /** What the image is built on, in place of all of these */
  readonly devcontainer?: ImagePlan["devcontainer"];
  /** Installed on top */
  readonly packages?: ImagePlan["packages"];
  /** In place of the usual one; `latest` for the newest when the image is built */
  readonly claudeVersion?: string | undefined;
  /** Names of the images that run beside the agent */
  readonly services?: readonly string[] | undefined;
}

/** Values that exist only after the y: asked for, read from the environment, read from key files. */
export interface Grants {
  /** Manifest env entries with their values */
  readonly env: readonly EnvValueGrant[];
  readonly token: Credential;
  /** In the order of `plan.ssh` */
  readonly sshKeys: readonly Secret[];
  /** In the same order, for keys that have one */
  readonly sshPassphrases?: readonly (Secret | undefined)[];
  /** What the plan's upstream proxy wants to see, if it has credentials */
  readonly proxyAuthorization?: Secret | undefined;
}

export interface EnvValueGrant {
  readonly name: string;
  readonly value: Secret;
  /** Set for a secret that is bound to hosts: the bottle gets this, and the sidecar the value */
  readonly placeholder?: Secret | undefined;
}

/** The credential claude works with. */
export interface Credential {
  /** `oauth`: `CLAUDE_BOTTLE_OAUTH_TOKEN`. `api-key`: `ANTHROPIC_API_KEY` */
  readonly kind: "oauth" | "api-key";
  readonly value: Secret;
}

/** Says what is going on during long work; on a terminal it may redraw one line. */
export interface Progress {
  step(text: string): void;
  /** A line of a running step, such as build output */
  detail(text: string): void;
  done(): void;
}

export interface RefusedHost {
  readonly host: string;
  readonly port: number;
  readonly reason: string;
  readonly count: number;
}

export interface SessionResult {
  readonly exitCode: number;
  readonly refused: readonly RefusedHost[];
  /** What broke in the sidecar and was fixed, one sentence each, unless the user was told at once; and each trap that froze the bottle */
  readonly incidents: readonly string[];
  /** Where each secret went, as far as the sidecar holds it */
  readonly secrets: readonly SecretUse[];
  /** Why the session ended if not by claude itself: out of memory, engine lost */
  readonly note: string | undefined;
  /** The platform went away, and how claude ended is not known */
  readonly isEngineLost: boolean;
}

/** What came by at a bottle's way out, as its launcher saw it. */
export interface SeenEgress extends Pick<SessionResult, "refused" | "secrets"> {
  /** `host:port` pairs that were let through */
  readonly reached: readonly string[];
}

/** A running bottle. */
export interface Bottle {
  /** Connects the user's terminal to claude and resolves when claude has ended. */
  attach(terminal: SessionTerminal): Promise<SessionResult>;
  /** Called each time that it is frozen or thawed, by whomever. */
  onFrozen(listener: (isFrozen: boolean) => void): void;
  /** So far; at the end of a session too, however it came */
  seen(): SeenEgress;
  /** Ends claude at once if it still runs, so that its work stands still while it is collected. */
  stop(): Promise<void>;
  /** Removes what was made ready for the collection of its work, once that is over, however it went. Never rejects */
  release(): Promise<void>;
  /**
   * Destroys everything, or with `keepsWork` everything but what `collectWork` needs; gives one line per thing that could not be
   * removed, each with the command that fixes it.
   */
  destroy(options?: { readonly keepsWork: boolean }): Promise<readonly string[]>;
}

export interface RunningBottle {
  readonly name: string;
  readonly session: string;
  readonly agent: string;
  readonly bottle: string;
  readonly runtime: string;
  readonly state: string;
  /** ISO 8601 */
  readonly createdAt: string;
  /** False if its launcher is gone: a leftover */
  readonly isOwned: boolean;
  /** The version that made it, if that is a later one, whose bottles may work otherwise: it is listed, and nothing else is done with it */
  readonly laterVersion?: string | undefined;
}

/** Something that can be removed by `cleanup`. */
export interface Leftover {
  readonly kind: "container" | "network" | "volume" | "image";
  readonly id: string;
  readonly name: string;
  /** Empty for an image */
  readonly session: string;
  /** An agent's work that was not pulled yet */
  readonly holdsWork: boolean;
  /** Where the platform has measured it */
  readonly bytes?: number | undefined;
}

/** What is copied in. Nothing in it is secret. */
export interface BottleFiles {
  readonly skills: readonly { readonly name: string; readonly files: readonly FileEntry[] }[];
  /** Of the user's own Claude Code: what goes below its folder, and plugins by their names */
  readonly ownClaude?:
    | {
        readonly entries: readonly FileEntry[];
        readonly plugins: readonly { readonly name: string; readonly files: readonly FileEntry[] }[];
      }
    | undefined;
  /** Claude's own memory of the project */
  readonly memory?: readonly FileEntry[] | undefined;
  /** The user's own, by name; paths below the agent's home folder */
  readonly dotfiles?: readonly FileEntry[] | undefined;
  /** Undefined without a workspace */
  readonly workspace: AsyncIterable<FileEntry> | Iterable<FileEntry> | undefined;
  /** What went in of each repository of the workspace; read after it */
  readonly wentIn?: Iterable<FileEntry> | undefined;
  /** The user's own lists of ignored files and attributes, bytes as latin1 */
  readonly userLists?:
    | { readonly ignore: string; readonly attributes: string; readonly config: string }
    | undefined;
  /** Claude's record of a session that is taken up again */
  readonly transcript?: AsyncIterable<FileEntry> | Iterable<FileEntry> | undefined;
  /** In the order of `plan.ssh`; undefined where the public key cannot be told */
  readonly sshPublicKeys: readonly (string | undefined)[];
}

export interface LaunchOptions {
  readonly plan: BottlePlan;
  readonly grants: Grants;
  readonly files: BottleFiles;
  readonly terminal: SessionTerminal;
  readonly progress: Progress;
  /** Aborted by a signal before claude runs: what was begun is undone */
  readonly signal: AbortSignal;
}

/** Outcome of one way out that `verify` tried. */
export interface ProbeVerdict {
  /** A stable word for scripts */
  readonly name: string;
  readonly title: string;
  /** `not tried`: the image lacks what it takes. `unknown`: no outcome, which counts as a failure */
  readonly verdict: "closed" | "leak" | "unknown" | "not tried";
  readonly detail: string;
}
