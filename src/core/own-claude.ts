/** What an agent takes of the user's own Claude Code. */

/** Nothing goes in but what is here. */
export interface OwnClaude {
  readonly memory: boolean;
  /** As folders and a name: `review`, `frontend/component` */
  readonly commands: readonly string[];
  readonly agents: readonly string[];
  readonly styles: readonly string[];
  readonly hooks: boolean;
  /** `name@marketplace` */
  readonly plugins: readonly string[];
  readonly statusLine: boolean;
}
