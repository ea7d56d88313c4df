/** `claude-bottle port`: what listens in a bottle, on this machine's loopback, until Ctrl-C or the session's end. */
import { defineCommand } from "citty";
import type { ReachedBottle } from "../../bottle/sessions.ts";
import { exitCodes } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { openLoopbackPort } from "../../host/loopback-port.ts";
import type { LoopbackPort } from "../../host/loopback-port.ts";
import { watchSignals } from "../../host/signals.ts";
import type { World } from "../../host/world.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";
import { bottleArgument } from "../args/arguments.ts";
import type { CommandData } from "../args/command-data.ts";
import { readPortPair } from "../args/port-pairs.ts";
import type { PortPair } from "../args/port-pairs.ts";

export const examples = [
  "claude-bottle port hello 3000          # http://localhost:3000 is the bottle's port 3000",
  "claude-bottle port hello 3000:8080     # on this machine's port 8080",
  "claude-bottle port hello 3000 5173     # several at once",
] as const;

export const command = defineCommand({
  meta: { name: "port" },
  args: {
    ...bottleArgument,
    ports: {
      type: "positional",
      required: true,
      description: "Port in the bottle, and :PORT of this machine if that is another",
    },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const pairs = args._.slice(1).map(readPortPair);
    const bottles = await app.openBottles();
    const { session } = await chooseBottle(app, args.bottle);
    const bottle = await bottles.reach(session);
    const signals = watchSignals(app.world.stdout);
    const opened: LoopbackPort[] = [];
    try {
      for (const pair of pairs) opened.push(await open(app.world, bottle, pair));
      const interrupted = new Promise<"interrupted">((resolve) => {
        signals.signal.addEventListener("abort", () => resolve("interrupted"), { once: true });
        if (signals.signal.aborted) resolve("interrupted");
      });
      const how = await Promise.race([interrupted, bottle.ended.then(() => "ended" as const)]);
      if (how === "ended") app.world.stderr.write(`${escapeForTerminal(bottle.name)} has ended\n`);
      return exitCodes.ok;
    } finally {
      for (const one of opened) one.close();
      signals.stop();
    }
  },
});

async function open(
  { stderr }: World,
  bottle: ReachedBottle,
  { inside, outside }: PortPair,
): Promise<LoopbackPort> {
  const name = escapeForTerminal(bottle.name);
  let last = "";
  const port = await openLoopbackPort(outside, {
    connect: () => bottle.connect(inside),
    onComplaint(text) {
      // A browser tries again and again
      if (text === last) return;
      last = text;
      const why = text === "ECONNREFUSED" ? "nothing listens there" : escapeForTerminal(text);
      stderr.write(`Port ${inside} of ${name}: ${why}\n`);
    },
  });
  stderr.write(`http://localhost:${outside} is port ${inside} of ${name}; Ctrl-C closes it\n`);
  return port;
}
