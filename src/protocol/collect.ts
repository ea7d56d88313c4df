/**
 * What the launcher and the collector say to each other. Request: one JSON line on stdin. Answer: sections on stdout, each a JSON
 * line and exactly `bytes` bytes, the last one `end`. The collector reads what an agent wrote, so its answer is hostile.
 */
import type { RepositoryBase } from "../core/repository-base.ts";

export interface CollectRequest {
  /** `bring-back`: bundles, patch, transcript. `stat` and `patch`: text about what changed */
  readonly task: "bring-back" | "stat" | "patch";
  /** For the message of the commit that holds uncommitted changes */
  readonly title: string;
  /** Absolute paths in the container; null for what the session does not have */
  readonly workspace: string | null;
  /** Git folder whose `HEAD` tree is what went in, where the workspace came without a repository */
  readonly before: string | null;
  /** Folder with a note of what went in for each of `repositories`, by its place in the list */
  readonly wentIn: string | null;
  /** An earlier version noted nothing there: then it is no loss that there is none */
  readonly mayLackWentIn?: boolean;
  /** File that was made before the agent began: what changed later is the agent's */
  readonly began: string | null;
  /** Folder in which worktrees outside of the workspace have left a commit each, by name */
  readonly saved: string | null;
  /** They have just done so, or never will again */
  readonly hasSaved: boolean;
  readonly transcripts: string | null;
  /** Patterns as in a .gitignore of ignored files that come back */
  readonly bring: readonly string[];
  /** The workspace may be written to, for making files readable that their owner has made unreadable */
  readonly mayUnlock: boolean;
  readonly repositories: readonly RepositoryBase[];
  /** The user has thrown commits away that went in, so that the history of what is new is needed as well */
  readonly hasHistory: boolean;
  readonly limits: CollectLimits;
}

/** Larger sections are not sent but told as a problem. */
export interface CollectLimits {
  readonly bundleBytes: number;
  readonly patchBytes: number;
  readonly transcriptBytes: number;
  /** Ignored files that come back, as an archive */
  readonly broughtBytes: number;
  /** All sections together: what there is room for where they go */
  readonly totalBytes: number;
  /** For one git command */
  readonly commandMs: number;
}

export type CollectSection =
  /** Commits of `repositories[repository]`; -1 is a repository that the agent made of a folder without one */
  | { readonly section: "bundle"; readonly repository: number; readonly bytes: number }
  /** JSON, `[name, id]` each: branches, tags and notes that are not as they went in, whether or not their commits are new */
  | { readonly section: "refs"; readonly repository: number; readonly bytes: number }
  | { readonly section: "patch"; readonly bytes: number }
  /** An uncompressed tar of ignored files that were asked for */
  | { readonly section: "brought"; readonly bytes: number }
  /** JSON, `IgnoredOutput` each: what else was made in ignored places */
  | { readonly section: "ignored"; readonly bytes: number }
  /** An uncompressed tar */
  | { readonly section: "transcript"; readonly bytes: number }
  | { readonly section: "text"; readonly bytes: number }
  /** Something could not be collected and is not lost as long as the volume is there; `text` is hostile */
  | {
      readonly section: "problem";
      readonly text: string;
      /** It cannot be read as it is; with `mayUnlock` it could */
      readonly isLocked?: boolean;
      /** It is outside of the volume, and the bottle could save it */
      readonly isOutside?: boolean;
      readonly bytes: 0;
    }
  /** How far it is, for people; between any two other sections */
  | ({ readonly section: "progress"; readonly bytes: 0 } & WorkProgress)
  | { readonly section: "end"; readonly bytes: 0 };

/** `done` of `whole` files are compared; other stages do not know how far they are, and have 0 for both. */
export interface WorkProgress {
  readonly stage: "list" | "compare" | "pack";
  readonly done: number;
  readonly whole: number;
}

/** A file or a folder that git ignores. `path` is hostile. */
export interface IgnoredOutput {
  readonly path: string;
  readonly bytes: number;
  /** There is more than was counted */
  readonly isMore: boolean;
}

/** Where the collector puts what has no branch */
export const collectedRefs = {
  uncommitted: "refs/claude-bottle/uncommitted",
  staged: "refs/claude-bottle/staged",
  lost: "refs/claude-bottle/lost",
  inside: "refs/claude-bottle/inside",
  detached: "refs/claude-bottle/detached",
  stash: "refs/claude-bottle/stash",
  worktrees: "refs/claude-bottle/worktrees",
} as const;
