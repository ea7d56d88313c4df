/** A repository as it went into a bottle: what is new in it later is told by what was there before. */

export interface RepositoryBase {
  /** Relative to the workspace, with `/`; empty for the workspace itself */
  readonly path: string;
  readonly objectFormat: "sha1" | "sha256";
  /** Commit that was checked out */
  readonly head: string;
  /** Commits whose history went in: `head` and the tips of all branches */
  readonly tips: readonly string[];
}
