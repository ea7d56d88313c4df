/** `claude-bottle watch`: all running bottles on the whole screen, what they ask for, and a key for each answer. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import { watchSignals } from "../../host/signals.ts";
import type { CommandData } from "../args/command-data.ts";
import { jsonArgument } from "../args/arguments.ts";

export const examples = [
  "claude-bottle watch          # q leaves, ? shows the keys; bottles go on",
  "claude-bottle watch --json   # what changes, one object a line, for scripts",
] as const;

export const command = defineCommand({
  meta: { name: "watch" },
  args: { ...jsonArgument },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stdin, stdout } = app.world;
    const isTerminal = stdin.isTTY === true && stdout.isTTY === true;
    if (!args.json && !isTerminal) throw noTerminal();
    const signals = watchSignals(stdout);
    try {
      if (args.json) await (await import("../watch/watch-json.ts")).streamEvents(app, signals.signal);
      else await (await import("../watch/run-watch.ts")).runWatch(app, signals.signal);
    } finally {
      signals.stop();
    }
    // Ctrl-C is how a stream is meant to end
    return exitCodes.ok;
  },
});

function noTerminal(): BottleError {
  return new BottleError({
    code: "input",
    message: "Cannot watch: stdin and stdout are not a terminal",
    hint: 'Run this in a terminal, or add "--json" for a script.',
  });
}
