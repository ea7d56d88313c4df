/** What is known of a command before it is loaded. */
import type { CommandDef } from "citty";

interface CommandModule {
  // citty's own definitions are invariant in their arguments, so a table of different ones has no narrower type
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly command: CommandDef<any>;
  /** Lines of `command` and, after two spaces and #, what it does */
  readonly examples: readonly string[];
}

/** As the help groups them, in its order */
export const commandGroups = ["Work", "Results", "Network", "Setup", "More"] as const;
export type CommandGroup = (typeof commandGroups)[number];

export interface CommandEntry {
  readonly description: string;
  /** `More` if not given */
  readonly group?: CommandGroup;
  /** Other words for it, which users of docker and Unix type */
  readonly aliases?: readonly string[];
  /** True if words may follow `--` */
  readonly takesRest?: boolean;
  /** What the help calls them; arguments of claude by default */
  readonly restName?: string;
  /** True if the last word may be repeated */
  readonly isVariadic?: boolean;
  /** True for what only the program itself calls; left out of the help */
  readonly isHidden?: boolean;
  /** True if it has what dead sessions left removed in its own way */
  readonly sweepsItself?: boolean;
  readonly load: () => Promise<CommandModule>;
}

/** Name → command */
export type CommandTable = Readonly<Record<string, CommandEntry>>;
