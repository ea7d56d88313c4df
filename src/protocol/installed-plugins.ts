/** `plugins/installed_plugins.json` of Claude Code, as far as we read it (measured with 2.1.330). */
import * as v from "valibot";
import { fitJson } from "./parse.ts";

const schema = v.object({
  /** `name@marketplace` → where it is installed: for the user, and for projects */
  plugins: v.record(
    v.string(),
    v.array(
      v.object({
        installPath: v.string(),
        scope: v.optional(v.string()),
        version: v.optional(v.string()),
      }),
    ),
  ),
});

export type InstalledPlugins = v.InferOutput<typeof schema>;

/** Undefined for any other text. */
export function parseInstalledPlugins(text: string): InstalledPlugins | undefined {
  return fitJson(schema, text);
}
