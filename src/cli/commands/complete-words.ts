/** `claude-bottle complete-words`: what the completion scripts ask. One candidate a line, with a tab and what it is; never an error. */
import { defineCommand } from "citty";
import { escapeForTerminal } from "../../core/text.ts";
import type { App } from "../../session/app.ts";
import type { CommandData } from "../args/command-data.ts";
import { findCompletion } from "../completion/candidates.ts";
import type { Candidate } from "../completion/candidates.ts";

export const examples = ["claude-bottle complete-words -- start he    # agents that begin with he"] as const;

export const command = defineCommand({
  meta: { name: "complete-words" },
  args: {},
  async run({ data }) {
    const { app, commands, rest } = data as CommandData;
    const found = await findCompletion(commands, rest);
    if (found.kind === "known") return offer(app, found.candidates);
    // Loaded for names that only the outside knows: those of commands and flags need no manifest and no record
    const { lookUp } = await import("../completion/look-up.ts");
    offer(app, await lookUp(app, found, rest.at(-1) ?? ""));
  },
});

function offer({ world }: App, candidates: readonly Candidate[]): void {
  const lines = candidates.map(({ value, description }) => `${value}\t${escapeForTerminal(description)}\n`);
  world.stdout.write(lines.join(""));
}
