/** What citty hands to every command. */
import type { App } from "../../session/app.ts";
import type { CommandTable } from "./command-entry.ts";

/** Handed to every command as citty's `data`. */
export interface CommandData {
  readonly app: App;
  readonly commands: CommandTable;
  /** Words after `--` */
  readonly rest: readonly string[];
}
