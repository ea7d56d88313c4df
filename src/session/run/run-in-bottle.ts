/** A session from claude's first byte to the end of what is done after it. */
import type { Bottle, SessionResult } from "../../bottle/bottle.ts";
import { exitCodes } from "../../core/error.ts";
import { raceAbort } from "../../core/race-abort.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { SignalWatch } from "../../host/signals.ts";
import type { UserTerminal } from "../../host/terminal.ts";
import type { App } from "../app.ts";
import type { FinishedSession } from "../end/finish-session.ts";

/** Joins the terminal to claude until it ends or a signal comes. The terminal is restored before anything else is done. */
export async function runInBottle(
  app: App,
  bottle: Bottle,
  { terminal, signals }: { readonly terminal: UserTerminal; readonly signals: SignalWatch },
  finish: (result: SessionResult | undefined) => Promise<FinishedSession>,
): Promise<SessionResult> {
  let result: SessionResult | undefined;
  let isEngineLost = false;
  try {
    result = await raceAbort(bottle.attach(terminal), signals.signal);
  } finally {
    terminal.restore();
    const finished = await finish(result);
    isEngineLost = finished.isEngineLost;
    writeLines(app, finished.lines);
  }
  // An engine that is shut down ends claude first, whose code then says nothing
  return isEngineLost ? { ...result, exitCode: exitCodes.engine } : result;
}

/** A terminal that was closed takes no words any more; there is nobody to read them. What an engine or an agent said is in them. */
export function writeLines(app: App, lines: readonly string[]): void {
  if (lines.length === 0 || app.world.stderr.destroyed) return;
  app.world.stderr.write(`${lines.map(escapeForTerminal).join("\n")}\n`, () => undefined);
}
