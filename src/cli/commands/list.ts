/** `claude-bottle list`: running bottles, or the agents that could be started. */
import { defineCommand } from "citty";
import { renderJson } from "../../core/text.ts";
import { screenOf } from "../../host/world.ts";
import type { CommandData } from "../args/command-data.ts";
import { jsonArgument } from "../args/arguments.ts";
import { fitTable } from "../render/fit-table.ts";
import { listHead, listWithDetails, renderListed } from "../render/list-bottles.ts";
import { renderTable } from "../render/table.ts";

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
      // Not loaded for a list of bottles
      const { readManifest } = await import("../../session/decide/read-manifest.ts");
      const names = [...(await readManifest(app.world)).manifest.agents.keys()];
      stdout.write(args.json ? `${renderJson(names)}\n` : names.map((name) => `${name}\n`).join(""));
      return;
    }
    const bottles = await listWithDetails(app);
    if (args.json) stdout.write(`${renderJson(bottles, 2)}\n`);
    else if (bottles.length === 0)
      stderr.write('No bottle is running. Start one with "claude-bottle start AGENT".\n');
    else {
      const now = Date.now();
      const rows = [listHead, ...bottles.map((one) => renderListed(one, app.world, now))];
      stdout.write(renderTable(fitTable(rows, screenOf(app.world, stdout).width)));
    }
  },
});
