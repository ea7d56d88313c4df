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
 * The content of settings.json. Hooks of all run, the user's first and then the manifest's; everything else of the bottle's goes before
 * the manifest's, which could bring a dialog back that nobody answers, and the manifest's before the user's.
 */
export function makeClaudeSettings(own: Fields, activityPath: string, user: Fields = {}): Fields {
  const hooks: Record<string, unknown> = { ...asObject(user["hooks"]) };
  for (const [event, matchers] of Object.entries(asObject(own["hooks"])))
    hooks[event] = Object.hasOwn(hooks, event) ? [...asList(hooks[event]), ...asList(matchers)] : matchers;
  for (const [event, activity] of activities) {
    const command = `printf ${activity} >${activityPath}`;
    hooks[event] = [...asList(hooks[event]), { hooks: [{ type: "command", command, timeout: 5 }] }];
  }
  return { ...user, ...own, hooks, skipDangerousModePermissionPrompt: true };
}
