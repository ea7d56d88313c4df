/** `claude-bottle complete-words`: what the completion scripts ask. One candidate a line, with a tab and what it is; never an error. */
import { defineCommand } from "citty";
import { escapeForTerminal } from "../../core/text.ts";
import type { CommandData } from "../args/command-data.ts";
import { findCompletion } from "../completion/candidates.ts";
import { lookUp } from "../completion/look-up.ts";

export const examples = ["claude-bottle complete-words -- start he    # agents that begin with he"] as const;

export const command = defineCommand({
  meta: { name: "complete-words" },
  args: {},
  async run({ data }) {
    const { app, commands, rest } = data as CommandData;
    const found = await findCompletion(commands, rest);
    const candidates =
      found.kind === "known" ? found.candidates : await lookUp(app, found, rest.at(-1) ?? "");
    const lines = candidates.map(({ value, description }) => `${value}\t${escapeForTerminal(description)}\n`);
    app.world.stdout.write(lines.join(""));
  },
});
