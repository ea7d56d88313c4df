/** What a manifest wants to have prepared before an agent starts. */

export interface SetupEntry {
  /** Shell commands, each from the workspace */
  readonly run: readonly string[];
  /** Files whose change makes the commands run again; relative to the workspace */
  readonly inputs: readonly string[];
  /** Folders: relative to the workspace, or from `~/`; without a slash at the end */
  readonly keep: readonly string[];
}
