/** The part of the contract that concerns an agent's work: it outlives the bottle until it has been brought back. */
import { BottleError } from "../core/error.ts";
import type { RepositoryBase } from "../core/repository-base.ts";

export interface CollectWork {
  readonly session: string;
  /** `bring-back`: bundles, patch, transcript. `stat` and `patch`: text about what changed since the start */
  readonly task: "bring-back" | "stat" | "patch";
  readonly hasWorkspace: boolean;
  readonly hasTranscript: boolean;
  /** As they went in; empty for a folder without one */
  readonly repositories: readonly RepositoryBase[];
  /** What went in is noted beside the work, as it is not in the bottle of an earlier version */
  readonly hasWentIn: boolean;
  /** The history of what is new is needed as well, since commits that went in are gone from where they came */
  readonly hasHistory?: boolean;
  /** All parts together have no more; what is over it stays and is told. There is a limit without it, too */
  readonly roomBytes?: number;
  /** Patterns of ignored files that come back */
  readonly bring?: readonly string[];
  /** Makes readable what its owner has made unreadable; only of work that nobody writes to any more */
  readonly unlocks?: boolean;
  /** Worktrees outside of the workspace are saved first: only a bottle that runs can do so */
  readonly saves?: boolean;
  /** The bottle goes on and keeps all of it, so that it may be read from within */
  readonly goesOn?: boolean;
}

/** A part of the work. Everything in it was written by the agent or could have been. */
export type WorkSection =
  /** A git bundle; -1 is a repository that the agent made of a folder without one */
  | { readonly section: "bundle"; readonly repository: number }
  /** JSON, `[name, id]` each: branches, tags and notes that are not as they went in */
  | { readonly section: "refs"; readonly repository: number }
  /** Against what went in */
  | { readonly section: "patch" }
  /** An uncompressed tar of ignored files that were asked for */
  | { readonly section: "brought" }
  /** JSON: what else was made in ignored places */
  | { readonly section: "ignored" }
  /** An uncompressed tar of claude's own record; with a root, all names in it begin with that folder */
  | { readonly section: "transcript"; readonly root?: string }
  | { readonly section: "text" }
  /** Something that could not be collected; it is still where it was */
  | {
      readonly section: "problem";
      readonly text: string;
      readonly isLocked?: boolean;
      readonly isOutside?: boolean;
    };

/** How far a collection is. */
export type WorkProgress =
  /** Files that are looked at; both are 0 where nobody knows */
  | { readonly stage: "list" | "compare" | "pack"; readonly done: number; readonly whole: number }
  /** Bytes of one part that have come */
  | { readonly stage: "receive"; readonly done: number; readonly whole: number };

/** Takes the parts as they come. */
export interface WorkSink {
  /** Called often */
  progress?(progress: WorkProgress): void;
  begin(section: WorkSection): Promise<{
    write(data: Uint8Array): Promise<void>;
    end(): Promise<void>;
  }>;
  /** Nothing of what came is worth anything, and all of it comes again. Without it nothing comes twice */
  readonly restart?: () => Promise<void>;
  /** Everything has come through. Called while the platform clears up after it, and waited for. */
  readonly taken?: (() => Promise<void>) | undefined;
}

/** The platform has nothing of a session's work: somebody removed it there, or another platform has it. */
export class NoWork extends BottleError {}

/** Work that is still in the platform's keeping. */
export interface KeptWork {
  readonly session: string;
  /** As in the bottle's name */
  readonly bottleName: string;
  readonly agent: string;
  /** True while its launcher lives */
  readonly isOwned: boolean;
}

export interface WorkKeeper {
  /** Collects from a running bottle or from what is left of one, changing nothing. Rejects unless everything came through. */
  collectWork(request: CollectWork, sink: WorkSink): Promise<void>;
  listWork(): Promise<readonly KeptWork[]>;
  /** Removes the work for good; gives one line per thing that could not be removed. */
  discardWork(session: string): Promise<readonly string[]>;
}
