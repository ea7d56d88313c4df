/** `claude-bottle egress`: what a running bottle reached and was refused, from its sidecar's own log. */
import { defineCommand } from "citty";
import { exitCodes } from "../../core/error.ts";
import { watchSignals } from "../../host/signals.ts";
import { hasColor } from "../../host/world.ts";
import type { CommandData } from "../args/command-data.ts";
import { optionalBottleArgument, jsonArgument } from "../args/arguments.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";
import { isBlocked, renderEgressJson, renderEgressLine } from "../../session/end/egress-lines.ts";

export const examples = [
  "claude-bottle egress hello-k3f9q2              # every attempt so far, with verdict and reason",
  "claude-bottle egress hello --blocked --follow  # what is blocked, as it happens",
  "claude-bottle egress hello --json              # one object per line",
] as const;

export const command = defineCommand({
  meta: { name: "egress" },
  args: {
    ...optionalBottleArgument,
    follow: { type: "boolean", alias: "f", description: "Follow until the bottle ends" },
    blocked: { type: "boolean", description: "Only what was blocked" },
    ...jsonArgument,
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stdout } = app.world;
    const bottles = await app.openBottles();
    const { session } = await chooseBottle(app, args.bottle);
    const signals = watchSignals(app.world.stdout);
    const paints = hasColor(app.world) && stdout.isTTY === true;
    try {
      const records = bottles.readEgress({
        session,
        isFollowing: args.follow === true,
        signal: signals.signal,
      });
      for await (const record of records) {
        if (args.blocked && !isBlocked(record)) continue;
        stdout.write(args.json ? renderEgressJson(record) : renderEgressLine(record, paints));
      }
    } finally {
      signals.stop();
    }
    // Ctrl-C is how a follow is meant to end
    return args.follow ? exitCodes.ok : (signals.interruption()?.exitCode ?? exitCodes.ok);
  },
});
