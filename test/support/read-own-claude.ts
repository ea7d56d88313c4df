/** The user's own Claude Code, read as a start does, and what tests put there. */
import type { OwnClaude } from "../../src/core/own-claude.ts";
import { readOwnClaude } from "../../src/host/claude/own-claude.ts";
import type { TakenClaude } from "../../src/host/claude/own-claude.ts";

const nothing: OwnClaude = {
  memory: false,
  commands: [],
  agents: [],
  styles: [],
  hooks: false,
  plugins: [],
  statusLine: false,
  remember: false,
};

/** Takes what is named and nothing else. */
export function readOwn(
  home: string,
  wanted: Partial<OwnClaude>,
  folder = `${home}/.claude`,
): Promise<TakenClaude> {
  return readOwnClaude({ ...nothing, ...wanted }, { folder, home });
}

/** Paths of what is taken, but for folders. */
export function filesOf({ entries }: TakenClaude): string[] {
  return entries.filter((one) => one.kind === "file").map((one) => one.path);
}

/** What stands under the name of an event in `hooks`. */
export function aHook(command: string): unknown {
  return [{ matcher: "Bash", hooks: [{ type: "command", command }] }];
}

/** Of the form that GitHub gives its own. */
export const madeUpToken = `ghp_${"a1B2".repeat(9)}`;
