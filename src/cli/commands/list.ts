/** `claude-bottle list`: running bottles, or the agents that could be started. */
import { defineCommand } from "citty";
import type { RunningBottle } from "../../bottle/bottle.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { CommandData } from "../app.ts";
import { jsonArgument } from "../arguments.ts";
import { readManifest } from "../read-manifest.ts";
import { renderTable } from "../table.ts";

export const examples = [
  "claude-bottle list            # running bottles",
  "claude-bottle list --json     # the same for scripts",
  "claude-bottle list --agents   # agents of the manifest, one a line",
] as const;

export const command = defineCommand({
  meta: { name: "list" },
  args: {
    ...jsonArgument,
    agents: { type: "boolean", description: "List the agents of the manifest instead; needs no engine" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stdout, stderr } = app.world;
    if (args.agents) {
      const names = [...(await readManifest(app.world)).manifest.agents.keys()];
      stdout.write(args.json ? `${JSON.stringify(names)}\n` : names.map((name) => `${name}\n`).join(""));
      return;
    }
    const bottles = await (await app.openFactory()).list();
    if (args.json) stdout.write(`${JSON.stringify(bottles, null, 2)}\n`);
    else if (bottles.length === 0)
      stderr.write('No bottle is running. Start one with "claude-bottle start AGENT".\n');
    else
      stdout.write(
        renderTable([["NAME", "AGENT", "BOTTLE", "RUNTIME", "STATE", "STARTED"], ...bottles.map(describe)]),
      );
  },
});

function describe(bottle: RunningBottle): string[] {
  const state = bottle.isOwned ? bottle.state : `${bottle.state}, left over`;
  const cells = [bottle.name, bottle.agent, bottle.bottle, bottle.runtime, state, bottle.createdAt];
  return cells.map(escapeForTerminal);
}
