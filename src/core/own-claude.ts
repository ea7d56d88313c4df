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
  /** Claude's own memory of the project goes in, and what the agent makes of it comes back to be looked at */
  readonly remember: boolean;
}
