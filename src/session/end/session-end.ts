/** What is said when a session is over: why, if not by claude itself, and which hosts were refused. */
import type { Receipt } from "../../protocol/receipt.ts";
import { commandLine } from "../../core/shell-quote.ts";
import type { SessionResult } from "../../bottle/bottle.ts";
import { countOf, escapeForTerminal } from "../../core/text.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import { renderTries } from "./ledger-lines.ts";

const maxShown = 5;
/** 128 and SIGTERM's number, by which claude is asked to end; it has no last words then */
const terminated = 143;

/**
 * Lines for people, none if there is nothing to tell; with `isQuiet` only what ended the session. What the agent asked for is its text and
 * is escaped.
 */
export function renderSessionEnd(plan: BottlePlan, result: SessionResult, isQuiet = false): string[] {
  const lines: string[] = [];
  if (result.note !== undefined) lines.push(escapeForTerminal(result.note));
  if (isQuiet) return lines;
  if (result.note === undefined && result.exitCode === terminated)
    lines.push('claude was told to end, as "claude-bottle stop" does');
  lines.push(...result.incidents.map(escapeForTerminal));
  lines.push(...renderTries(result.secrets).map(escapeForTerminal));
  const { refused } = result;
  if (refused.length > 0) {
    lines.push(
      `${escapeForTerminal(plan.bottleName)} was blocked from ${countOf(refused.length, "destination")}:`,
    );
    for (const one of refused.slice(0, maxShown)) {
      const times = one.count === 1 ? "" : ` (${one.count} times)`;
      lines.push(
        `  ${escapeForTerminal(`${one.host}:${one.port}`)}  ${escapeForTerminal(one.reason)}${times}`,
      );
    }
    if (refused.length > maxShown) lines.push(`  and ${refused.length - maxShown} more`);
    lines.push(`Allow them in the manifest, one by one: ${commandLine`claude-bottle learn ${plan.session}`}`);
  }
  return lines;
}

/** How to go on with it; nothing where no transcript was kept. */
export function renderResume(receipt: Pick<Receipt, "claudeSession" | "session"> | undefined): string[] {
  return receipt?.claudeSession === undefined
    ? []
    : [`Continue:  ${commandLine`claude-bottle resume ${receipt.session}`}`];
}
