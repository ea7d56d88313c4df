/** The part of the contract that concerns files on their way into a running bottle and out of it. */
import type { CopySource } from "../archive/copy-place.ts";
import type { CopyProblem } from "../archive/tar-item.ts";

export interface CopyOutRequest {
  /** Of a bottle that runs, whole */
  readonly session: string;
  /** In the bottle; relative ones begin at the workspace */
  readonly path: string;
  /** Nothing called `.git` is sent */
  readonly leavesOutGit: boolean;
  /** Aborted by a signal */
  readonly signal: AbortSignal;
}

/**
 * Takes an archive with notes as it comes out of a bottle. It is hostile. Resolves with false if it ended in the middle, which the
 * platform then explains.
 */
export type TakeArchive = (archive: AsyncIterable<Uint8Array>) => Promise<boolean>;

export interface CopyInRequest {
  readonly session: string;
  /** In the bottle; relative ones begin at the workspace */
  readonly path: string;
  /** What the archive holds; undefined for somebody's own, whose names begin in the folder `path` */
  readonly source: CopySource | undefined;
  /** With notes; nothing of it is read before the bottle is ready for it */
  readonly archive: AsyncIterable<Uint8Array>;
  /** Called for what was not copied while the rest was; names and reasons are hostile */
  onProblem(problem: CopyProblem): void;
  readonly signal: AbortSignal;
}

export interface Copying {
  /** Reads as the agent's user, beside the agent, which can change what is read and the answer. */
  copyOut(request: CopyOutRequest, take: TakeArchive): Promise<void>;
  /** Writes as the agent's user; each file is there whole or not at all. */
  copyIn(request: CopyInRequest): Promise<void>;
}
