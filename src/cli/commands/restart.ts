/** `claude-bottle restart`: ends a service of a running bottle and starts it again. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { makeProgress } from "../../host/progress.ts";
import { watchSignals } from "../../host/signals.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";
import { optionalBottleArgument } from "../args/arguments.ts";
import type { CommandData } from "../args/command-data.ts";

export const examples = [
  "claude-bottle restart hello --service db   # data in memory is gone; kept data is there",
] as const;

export const command = defineCommand({
  meta: { name: "restart" },
  args: {
    ...optionalBottleArgument,
    service: { type: "string", valueHint: "NAME", description: "Name of the service" },
    verbose: { type: "boolean" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { service } = args;
    if (service === undefined) throw noService();
    const bottles = await app.openBottles();
    const { session, name } = await chooseBottle(app, args.bottle);
    const signals = watchSignals(app.world.stdout);
    const progress = makeProgress(app.world, args.verbose === true);
    try {
      progress.step(`Restarting ${escapeForTerminal(service)}`);
      await bottles.restartService({ session, service, signal: signals.signal });
    } finally {
      progress.done();
      signals.stop();
    }
    const shown = [service, name].map(escapeForTerminal).join(" of ");
    app.world.stderr.write(`Restarted ${shown}\n`);
    return exitCodes.ok;
  },
});

function noService(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot restart a service: none is named",
    hint: 'Name it, as in "claude-bottle restart hello --service db". An agent is ended with "claude-bottle stop".',
  });
}
