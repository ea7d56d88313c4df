/** `claude-bottle schema`: the JSON Schema of the manifest or of the settings, generated from the schema that checks it. */
import { defineCommand } from "citty";
import { renderJsonSchema, renderSettingsSchema } from "../../manifest/json-schema.ts";
import { knownSettings } from "../../session/settings-file.ts";
import type { CommandData } from "../args/command-data.ts";

export const examples = [
  "claude-bottle schema > claude-bottle.schema.json",
  '# then in the manifest: "$schema": "./claude-bottle.schema.json"',
  "claude-bottle schema --settings      # of your settings file",
] as const;

export const command = defineCommand({
  meta: { name: "schema" },
  args: { settings: { type: "boolean", description: "Print the schema of your settings file" } },
  async run({ args, data }) {
    const { stdout } = (data as CommandData).app.world;
    stdout.write(args.settings ? await renderSettingsSchema(knownSettings) : await renderJsonSchema());
  },
});
