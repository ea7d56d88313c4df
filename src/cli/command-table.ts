/** The commands by name. Each is loaded when it is run, so that start-up costs one command and not all of them. */
import type { CommandDef } from "citty";

export interface CommandModule {
  // citty's own definitions are invariant in their arguments, so a table of different ones has no narrower type
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly command: CommandDef<any>;
  /** Lines of `command` and, after two spaces and #, what it does */
  readonly examples: readonly string[];
}

export interface CommandEntry {
  readonly description: string;
  /** True if words may follow `--` */
  readonly takesRest?: boolean;
  /** True for what only the program itself calls; left out of the help */
  readonly isHidden?: boolean;
  readonly load: () => Promise<CommandModule>;
}

export const commandTable: Readonly<Record<string, CommandEntry>> = {
  start: {
    description: "Run Claude Code in a bottle that holds only what the manifest grants",
    takesRest: true,
    load: () => import("./commands/start.ts"),
  },
  list: {
    description: "List running bottles, or the manifest's agents",
    load: () => import("./commands/list.ts"),
  },
  info: { description: "Show what an agent is granted", load: () => import("./commands/info.ts") },
  init: { description: "Add an agent to a manifest, step by step", load: () => import("./commands/init.ts") },
  edit: {
    description: "Edit a manifest; it is taken over once it is valid",
    load: () => import("./commands/edit.ts"),
  },
  check: { description: "Check the manifests", load: () => import("./commands/check.ts") },
  build: { description: "Build the image that bottles run", load: () => import("./commands/build.ts") },
  cleanup: {
    description: "Remove what dead sessions left behind",
    load: () => import("./commands/cleanup.ts"),
  },
  schema: {
    description: "Print the manifest's JSON Schema for editors",
    load: () => import("./commands/schema.ts"),
  },
  "reap-session": {
    description: "Remove all of one session whose launcher died; the reaper's command",
    isHidden: true,
    load: () => import("./commands/reap-session.ts"),
  },
  version: { description: "Print the version", load: () => import("./commands/version.ts") },
};
