/** `claude-bottle schema`: the manifest's JSON Schema, generated from the schema that checks it. */
import { defineCommand } from "citty";
import { renderJsonSchema } from "../../manifest/json-schema.ts";
import type { CommandData } from "../args/command-data.ts";

export const examples = [
  "claude-bottle schema > claude-bottle.schema.json",
  '# then in the manifest: "$schema": "./claude-bottle.schema.json"',
] as const;

export const command = defineCommand({
  meta: { name: "schema" },
  args: {},
  async run({ data }) {
    (data as CommandData).app.world.stdout.write(await renderJsonSchema());
  },
});
