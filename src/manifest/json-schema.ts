/** The JSON Schemas of a manifest and of the user's settings for editors, from the schemas that validate. */
import { makeSettingsSchema } from "./own-settings.ts";
import type { KnownSettings } from "./own-settings.ts";
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

/** Of the user's settings file. */
export async function renderSettingsSchema(known: KnownSettings): Promise<string> {
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  const schema = toJsonSchema(makeSettingsSchema(known), { errorMode: "ignore" });
  const document = { ...schema, title: "settings.jsonc", description: "Your settings of claude-bottle" };
  return `${JSON.stringify(document, null, 2)}\n`;
}
