/** `claude-bottle attach`: joins the terminal to a claude that runs already; leaving it ends nothing. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import { readScreen } from "../../host/screen-file.ts";
import { watchSignals } from "../../host/signals.ts";
import { stateFolder } from "../../host/state.ts";
import type { CommandData } from "../args/command-data.ts";
import { clipboardArgument, optionalBottleArgument } from "../args/arguments.ts";
import { tellDetached } from "../../session/run/leaving.ts";
import { openTerminal } from "../../session/run/open-terminal.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";

export const examples = [
  "claude-bottle attach hello    # a unique prefix of the name is enough; Ctrl-] d detaches",
  "claude-bottle attach          # the only bottle, or choose one",
] as const;

export const command = defineCommand({
  meta: { name: "attach" },
  args: { ...optionalBottleArgument, ...clipboardArgument },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { world } = app;
    const terminal = openTerminal(app, args.clipboard === true);
    if (!terminal.isTerminal) throw noTerminal();
    const bottles = await app.openBottles();
    const { session, name } = await chooseBottle(app, args.bottle);
    const signals = watchSignals(world.stdout);
    world.stderr.write("Ctrl-] d detaches; Claude keeps running.\n");
    try {
      const end = await bottles.join({
        session,
        terminal,
        readScreen: () => readScreen(stateFolder(world), session),
        signal: signals.signal,
      });
      signals.signal.throwIfAborted();
      if (end.how === "ended") return end.exitCode ?? exitCodes.ok;
      tellDetached(world, name);
      return exitCodes.ok;
    } finally {
      signals.stop();
    }
  },
});

function noTerminal(): BottleError {
  return new BottleError({
    code: "input",
    message: "Cannot attach: stdin and stdout are not a terminal",
    hint: 'Run this in a terminal, or see what it does with "claude-bottle list" and "claude-bottle logs".',
  });
}
