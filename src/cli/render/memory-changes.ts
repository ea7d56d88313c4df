/** What an agent made of Claude's own memory of a project, as a diff. */
import type { MemoryChange } from "../../host/claude/take-memory.ts";
import { diffLines } from "../../plan/diff-lines.ts";

/** As lines with breaks between them; hostile, and for the caller to escape. */
export function describeChanges(changes: readonly MemoryChange[]): string {
  return changes.map(describeOne).join("");
}

function describeOne({ path, now, after, state }: MemoryChange): string {
  if (state === "taken") return "";
  const what = now === undefined ? "new" : after === undefined ? "removed" : "changed";
  const lines = diffLines(toLines(now), toLines(after)).map(({ sign, text }) => `${sign} ${text}`);
  return [`${path} (${what})`, ...lines, "", ""].join("\n");
}

function toLines(text: string | undefined): string[] {
  return text === undefined ? [] : text.split("\n");
}

/** Sentences on what cannot be taken; undefined if all can. */
export function nameLeft(changes: readonly MemoryChange[]): string | undefined {
  const lines = changes.flatMap(({ path, state }) => {
    if (state === "conflict")
      return [`${path} is not taken: yours has changed since the session began. Edit it by hand.\n`];
    return state === "blocked"
      ? [`${path} is not taken: in its place is a link, or something that is no text.\n`]
      : [];
  });
  return lines.length === 0 ? undefined : lines.join("");
}
