/** The JSON Schema of a manifest for editors, from the schema that validates. */
import { manifestSchema } from "./schema.ts";

/** Rules that JSON Schema cannot say are left out; `claude-bottle check` applies them all. */
export async function renderJsonSchema(): Promise<string> {
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  const schema = toJsonSchema(manifestSchema, { errorMode: "ignore" });
  const document = {
    ...schema,
    title: "claude-bottle.json",
    description: "What agents run by claude-bottle may see and reach",
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
