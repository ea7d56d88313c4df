/** `claude-bottle ssh-stream`: what ssh calls to reach a running bottle; its stdin and stdout are the connection. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { makePipeTerminal } from "../../host/pipe-terminal.ts";
import { watchSignals } from "../../host/signals.ts";
import { readSessionKeys } from "../../host/ssh-session-keys.ts";
import { findOwn, listOwnBottles } from "../../session/resolve/choose-bottle.ts";
import type { CommandData } from "../args/command-data.ts";

export const examples = ["claude-bottle ssh-stream hello-k3f9q2.bottle   # see ssh-config"] as const;

const ending = ".bottle";

export const command = defineCommand({
  meta: { name: "ssh-stream" },
  args: {
    host: { type: "positional", required: true, description: "Name of a running bottle, and .bottle" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { host } = args;
    const own = await listOwnBottles(app);
    // Nobody else's, though the engine may be shared: the keys are of this user's session
    const bottle = findOwn(own, host.endsWith(ending) ? host.slice(0, -ending.length) : host);
    if (!bottle) throw noBottle(host);
    const running = own.map((one) => one.session);
    const keys = await readSessionKeys(app.world, { host, session: bottle.session, running });
    const bottles = await app.openBottles();
    const signals = watchSignals(app.world.stdout);
    const terminal = makePipeTerminal(app.world);
    try {
      await bottles.carrySsh({ session: bottle.session, keys, terminal, signal: signals.signal });
    } finally {
      signals.stop();
    }
    return exitCodes.ok;
  },
});

function noBottle(host: string): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot connect to ${quote(host)}: no running bottle of yours has this name, or several begin with it`,
    hint: 'See "claude-bottle list".',
  });
}
