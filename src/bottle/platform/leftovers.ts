/** What a platform still has of sessions that are over. */
import type { Leftover } from "../bottle.ts";

export interface Leftovers {
  /** Everything of ours whose launcher is gone; nothing of a live launcher, and nothing of a later version's. */
  find(): Promise<readonly Leftover[]>;
  /** Data of services that was kept and that nobody uses now, whoever kept it. */
  findKeptData(): Promise<readonly Leftover[]>;
  /** Removes them; gives one line per thing that could not be removed. */
  remove(leftovers: readonly Leftover[]): Promise<readonly string[]>;
  /**
   * Removes all of a session but its work, whoever owns it; gives one line per thing that stayed. With `waits` it also removes what the
   * platform is still creating for the session.
   */
  removeSession(session: string, options: { readonly waits: boolean }): Promise<readonly string[]>;
}
