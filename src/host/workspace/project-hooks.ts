/** Hooks that a project's own settings for Claude Code have: they run inside the bottle, and the plan says so. */
import { join } from "node:path";
import { readBeginning } from "../plain-file.ts";

/** Those that Claude Code reads at the root of the folder that it works in */
const settingsPaths = [".claude/settings.json", ".claude/settings.local.json"];
/** What is longer is nothing that somebody wrote */
const maxBytes = 1024 * 1024;
const maxNames = 10;

/** A sentence for each settings file among `paths`, which go in, that has hooks; names are not escaped. */
export async function noteProjectHooks(root: string, paths: readonly string[]): Promise<string[]> {
  const present = settingsPaths.filter((path) => paths.includes(path));
  const notes = await Promise.all(
    present.map(async (path) => {
      const events = findHookEvents(await readText(root, path));
      const names = events.slice(0, maxNames).join(", ");
      const more = events.length > maxNames ? ` and ${events.length - maxNames} more` : "";
      return events.length === 0 ? [] : [`${path} has hooks, which run inside the bottle: ${names}${more}`];
    }),
  );
  return notes.flat();
}

async function readText(root: string, path: string): Promise<string> {
  const content = await readBeginning(join(root, path), maxBytes, root).catch(() => new Uint8Array());
  return Buffer.from(content).toString("utf8");
}

/** Events with at least one matcher. What is no JSON is nothing to Claude Code either. */
function findHookEvents(text: string): string[] {
  try {
    const { hooks } = JSON.parse(text) as { readonly hooks?: unknown };
    if (typeof hooks !== "object" || hooks === null || Array.isArray(hooks)) return [];
    return Object.entries(hooks).flatMap(([event, matchers]) =>
      Array.isArray(matchers) && matchers.length > 0 ? [event] : [],
    );
  } catch {
    return [];
  }
}
