/** `claude-bottle check`: reads the manifests as a start would and reports every problem; needs no engine. */
import { defineCommand } from "citty";
import { countOf, escapeForTerminal } from "../../core/text.ts";
import type { CommandData } from "../args/command-data.ts";
import { readManifest } from "../../session/decide/read-manifest.ts";

export const examples = ["claude-bottle check    # exit code 2 if anything is wrong"] as const;

export const command = defineCommand({
  meta: { name: "check" },
  args: {},
  async run({ data }) {
    const { world } = (data as CommandData).app;
    const { files, manifest } = await readManifest(world);
    const paths = files.map((file) => escapeForTerminal(file.shownPath)).join(", ");
    const { agents, bottles } = manifest;
    world.stderr.write(
      `${paths}: ${countOf(agents.size, "agent")} and ${countOf(bottles.size, "bottle")}, all fine.\n`,
    );
  },
});
