/** What citty hands to every command. */
import type { App } from "../session/app.ts";

/** Handed to every command as citty's `data`. */
export interface CommandData {
  readonly app: App;
  /** Words after `--` */
  readonly rest: readonly string[];
}
