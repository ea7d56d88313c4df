/**
 * `claude-bottle logs`: what the sidecar of a bottle noted, from its log while it runs and from the session's record afterwards, or what a
 * service says. What is on an agent's terminal is stored by nobody.
 */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { defineCommand } from "citty";
import type { RunningBottle } from "../../bottle/bottle.ts";
import type { ServiceLine } from "../../bottle/services.ts";
import { exitCodes } from "../../core/error.ts";
import { escapeForTerminal, renderJson } from "../../core/text.ts";
import { watchSignals } from "../../host/signals.ts";
import { hasColor } from "../../host/world.ts";
import type { CommandData } from "../args/command-data.ts";
import type { App } from "../../session/app.ts";
import { jsonArgument, optionalBottleArgument } from "../args/arguments.ts";
import { renderEgressJson, renderEgressLine } from "../../session/end/egress-lines.ts";
import { readKeptEgress } from "../../session/resolve/session-egress.ts";
import { findRecord } from "../../session/resolve/find-receipt.ts";
import { chooseBottle, findOwn, listShown } from "../../session/resolve/choose-bottle.ts";

export const examples = [
  "claude-bottle logs hello            # all of it so far",
  "claude-bottle logs hello --follow   # and follow",
  "claude-bottle logs k3f9q2 --json    # of a session that has ended",
  "claude-bottle logs hello db         # what the service db says",
] as const;

export const command = defineCommand({
  meta: { name: "logs" },
  args: {
    ...optionalBottleArgument,
    service: {
      type: "positional",
      required: false,
      description: "Name of a service of a running bottle, for what that says instead",
    },
    follow: { type: "boolean", alias: "f", description: "Follow until the bottle ends" },
    ...jsonArgument,
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stdout } = app.world;
    const signals = watchSignals(stdout);
    const paints = hasColor(app.world) && stdout.isTTY === true;
    try {
      const isFollowing = args.follow === true;
      if (args.service !== undefined) {
        const log = await openServiceLog(
          app,
          { ...args, service: args.service, isFollowing },
          signals.signal,
        );
        for await (const line of log) stdout.write(renderServiceLine(line, args.json === true));
        signals.signal.throwIfAborted();
        return exitCodes.ok;
      }
      const records = await openRecords(app, args.bottle, isFollowing, signals.signal);
      for await (const record of records)
        stdout.write(args.json ? renderEgressJson(record) : renderEgressLine(record, paints));
      signals.signal.throwIfAborted();
      return exitCodes.ok;
    } finally {
      signals.stop();
    }
  },
});

/** It goes with its bottle. */
async function openServiceLog(
  app: App,
  asked: { readonly bottle?: string | undefined; readonly service: string; readonly isFollowing: boolean },
  signal: AbortSignal,
): Promise<AsyncIterable<ServiceLine>> {
  const bottles = await app.openBottles();
  const { session } = await chooseBottle(app, asked.bottle);
  return bottles.readServiceLog({ session, service: asked.service, isFollowing: asked.isFollowing, signal });
}

function renderServiceLine(line: ServiceLine, isJson: boolean): string {
  return isJson ? `${renderJson(line)}\n` : `${escapeForTerminal(line.text)}\n`;
}

/** A bottle that runs goes before a record of the same beginning. */
async function openRecords(
  app: App,
  typed: string | undefined,
  isFollowing: boolean,
  signal: AbortSignal,
): Promise<AsyncIterable<EgressRecord>> {
  const bottles = await app.openBottles();
  const bottle = typed === undefined ? await chooseBottle(app, typed) : await findRunning(app, typed);
  if (bottle !== undefined) return bottles.readEgress({ session: bottle.session, isFollowing, signal });
  const { session } = await findRecord(app.world, typed ?? "");
  return readKeptEgress(app.world, session);
}

async function findRunning(app: App, typed: string): Promise<RunningBottle | undefined> {
  const { shown, own } = await listShown(app);
  return findOwn(own, typed) ?? shown.find((one) => typed !== "" && one.name.startsWith(typed));
}
