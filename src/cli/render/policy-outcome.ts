/** What a change to a running bottle's policy came to, in words. */
import type { PolicyOutcome } from "../../bottle/live.ts";
import { escapeForTerminal } from "../../core/text.ts";

/** One sentence about what is in force now, and one line per note. */
export function renderOutcome(outcome: PolicyOutcome, state: string): string {
  const until = outcome.until === undefined ? "" : ` until ${outcome.until}`;
  const lines = [
    `${outcome.pairs.join(" and ")} ${state} by ${outcome.bottle}${until}; the sidecar has confirmed it.`,
    ...outcome.notes,
  ];
  return lines.map((line) => `${escapeForTerminal(line)}\n`).join("");
}
