/** What a manifest says about a workspace's files, as patterns of `.gitignore` relative to the workspace, none of which begins with `!`. */

export interface WorkspacePatterns {
  /** Ignored files that come back nevertheless */
  readonly bring: readonly string[];
  /** Files that stay out of the bottle */
  readonly exclude: readonly string[];
}
