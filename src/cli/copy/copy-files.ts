/** One copy from the words of the command line to its exit code. */
import { exitCodes } from "../../core/error.ts";
import type { ExitCode } from "../../core/error.ts";
import { makeProgress, silentProgress } from "../../host/progress.ts";
import { watchSignals } from "../../host/signals.ts";
import { makeTransferProgress } from "../../host/transfer-progress.ts";
import type { App } from "../../session/app.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";
import { copyIn } from "./copy-in.ts";
import { copyOut } from "./copy-out.ts";
import { planCopy } from "./parse-place.ts";

/** Says how far it is at a terminal only; a script hears of what went wrong. */
export async function copyFiles(app: App, source: string, target: string): Promise<ExitCode> {
  const { world } = app;
  const plan = planCopy(source, target);
  const { session, name } = await chooseBottle(app, plan.way === "out" ? plan.from.bottle : plan.to.bottle);
  const hasTerminal = world.stderr.isTTY === true;
  const line = hasTerminal ? makeProgress(world, false) : silentProgress;
  const signals = watchSignals(world.stdout);
  const context = {
    app,
    session,
    bottle: name,
    signal: signals.signal,
    openProgress: (text: string) => makeTransferProgress(line, text),
  };
  try {
    const summary = plan.way === "out" ? await copyOut(context, plan) : await copyIn(context, plan);
    line.done();
    if (hasTerminal) world.stderr.write(`${summary}\n`);
    return exitCodes.ok;
  } finally {
    line.done();
    signals.stop();
  }
}
