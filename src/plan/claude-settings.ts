/** claude's own settings in a bottle: what the bottle needs, what the manifest adds, and hooks that write what claude is doing. */
import { asList, asObject } from "../manifest/fields.ts";
import type { Fields } from "../manifest/fields.ts";

/** By the event after which it is true. A notification comes when claude has a question, and when it has waited for a while. */
const activities = [
  ["UserPromptSubmit", "working"],
  ["Stop", "waiting"],
  ["Notification", "waiting"],
] as const;

/**
 * The content of settings.json. Hooks of both run, the manifest's first; everything else of the bottle's goes before the manifest's,
 * which could bring a dialog back that nobody answers.
 */
export function makeClaudeSettings(own: Fields, activityPath: string): Fields {
  const hooks: Record<string, unknown> = { ...asObject(own["hooks"]) };
  for (const [event, activity] of activities) {
    const command = `printf ${activity} >${activityPath}`;
    hooks[event] = [...asList(hooks[event]), { hooks: [{ type: "command", command, timeout: 5 }] }];
  }
  return { ...own, hooks, skipDangerousModePermissionPrompt: true };
}
