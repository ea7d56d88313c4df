/** What a change to a running bottle's policy came to, in words. */
import type { PolicyOutcome } from "../../bottle/live.ts";
import { commandLine } from "../../core/shell-quote.ts";
import { findAddressObstacle } from "../../plan/judge-host.ts";
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

export interface AllowedHost {
  readonly host: string;
  readonly isPrivate: boolean;
  /** Where the name leads to on this machine, as far as somebody looked */
  readonly addresses: readonly string[] | undefined;
}

/** After `allow`: what the filter will block by its address is not said to be reachable. */
export function renderAllowed(outcome: PolicyOutcome, { host, isPrivate, addresses }: AllowedHost): string {
  const doubt = findAddressObstacle({ host, addresses }, isPrivate);
  if (!doubt) return renderOutcome(outcome, "may be reached");
  const way = doubt.needsPrivate
    ? ` Open it with "${commandLine`claude-bottle allow ${outcome.bottle} ${host} --private`}".`
    : "";
  return `${renderOutcome(outcome, "is allowed")}But ${escapeForTerminal(doubt.reason)}.${way}\n`;
}
