/**
 * What the launcher and the collector say to each other. Request: one JSON line on stdin. Answer: sections on stdout, each a JSON
 * line and exactly `bytes` bytes, the last one `end`. The collector reads what an agent wrote, so its answer is hostile.
 */
import type { RepositoryBase } from "../../core/repository-base.ts";

export interface CollectRequest {
  /** `bring-back`: bundles, patch, transcript. `stat` and `patch`: text about what changed */
  readonly task: "bring-back" | "stat" | "patch";
  /** For the message of the commit that holds uncommitted changes */
  readonly title: string;
  /** Absolute paths in the container; null for what the session does not have */
  readonly workspace: string | null;
  /** Git folder whose `HEAD` tree is what went in, where the workspace came without a repository */
  readonly before: string | null;
  readonly transcripts: string | null;
  readonly repositories: readonly RepositoryBase[];
  readonly limits: CollectLimits;
}

/** Larger sections are not sent but told as a problem. */
export interface CollectLimits {
  readonly bundleBytes: number;
  readonly patchBytes: number;
  readonly transcriptBytes: number;
  /** For one git command */
  readonly commandMs: number;
}

export type CollectSection =
  /** Commits of `repositories[repository]`; -1 is a repository that the agent made of a folder without one */
  | { readonly section: "bundle"; readonly repository: number; readonly bytes: number }
  | { readonly section: "patch"; readonly bytes: number }
  /** An uncompressed tar */
  | { readonly section: "transcript"; readonly bytes: number }
  | { readonly section: "text"; readonly bytes: number }
  /** Something could not be collected and is not lost as long as the volume is there; `text` is hostile */
  | { readonly section: "problem"; readonly text: string; readonly bytes: 0 }
  | { readonly section: "end"; readonly bytes: 0 };

/** Where the collector puts what has no branch */
export const collectedRefs = {
  uncommitted: "refs/claude-bottle/uncommitted",
  detached: "refs/claude-bottle/detached",
  stash: "refs/claude-bottle/stash",
  worktrees: "refs/claude-bottle/worktrees",
} as const;
