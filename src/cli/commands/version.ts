/** `claude-bottle version`, the same as `--version`. */
import { defineCommand } from "citty";
import type { CommandData } from "../args/command-data.ts";

export const examples = ["claude-bottle version"] as const;

export const command = defineCommand({
  meta: { name: "version" },
  args: {},
  run({ data }) {
    const { world, version } = (data as CommandData).app;
    world.stdout.write(`${version}\n`);
  },
});
