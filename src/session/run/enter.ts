/** What `exec` and `shell` share: a command in a bottle, joined to whatever this process has. */
import type { ExitCode } from "../../core/error.ts";
import { makePipeTerminal } from "../../host/pipe-terminal.ts";
import { watchSignals } from "../../host/signals.ts";
import type { App } from "../app.ts";
import { openTerminal } from "./open-terminal.ts";
import { chooseBottle } from "../resolve/choose-bottle.ts";
import { requireRoom } from "../decide/exec-room.ts";

/** Runs it, in a service if one is named, and gives its exit code. With a terminal on both sides it gets one too. */
export async function enter(
  app: App,
  typed: string | undefined,
  command: readonly string[],
  service?: string,
): Promise<ExitCode> {
  requireRoom(command);
  const { world } = app;
  const hasTerminal = world.stdin.isTTY === true && world.stdout.isTTY === true;
  const terminal = hasTerminal ? openTerminal(app) : makePipeTerminal(world);
  const bottles = await app.openBottles();
  const { session } = await chooseBottle(app, typed);
  const signals = watchSignals(world.stdout);
  try {
    const request = { session, command, terminal, signal: signals.signal };
    return await (service === undefined
      ? bottles.enter(request)
      : bottles.enterService({ ...request, service }));
  } finally {
    terminal.restore();
    signals.stop();
  }
}
