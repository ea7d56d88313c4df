/** `claude-bottle edit`: opens a manifest in the user's editor; the file changes only once the text is valid. */
import { defineCommand } from "citty";
import { exitCodes } from "../../core/error.ts";
import type { CommandData } from "../args/command-data.ts";
import { editManifest } from "../manifest/edit-manifest.ts";

export const examples = [
  "claude-bottle edit            # the project's manifest, or the home one if there is none",
  "claude-bottle edit --home",
  "VISUAL='code --wait' claude-bottle edit",
] as const;

export const command = defineCommand({
  meta: { name: "edit" },
  args: { home: { type: "boolean", description: "The manifest in the home folder" } },
  async run({ args, data }) {
    const { world } = (data as CommandData).app;
    const outcome = await editManifest(world, args.home === true);
    world.stderr.write(`${outcome}\n`);
    return exitCodes.ok;
  },
});
