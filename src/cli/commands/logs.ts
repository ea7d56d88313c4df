/**
 * `claude-bottle logs`: what the sidecar of a bottle noted, from its log while it runs and from the session's record afterwards. What is
 * on an agent's terminal is stored by nobody.
 */
import { parseEgressRecord } from "../../protocol/egress-record.ts";
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { defineCommand } from "citty";
import { join } from "node:path";
import { exitCodes } from "../../core/error.ts";
import { findText } from "../../host/files.ts";
import { recordFolder } from "../../host/session-records.ts";
import { watchSignals } from "../../host/signals.ts";
import { stateFolder } from "../../host/state.ts";
import { hasColor } from "../../host/world.ts";
import type { CommandData } from "../args/command-data.ts";
import type { App } from "../../session/app.ts";
import { jsonArgument, optionalBottleArgument } from "../args/arguments.ts";
import { renderEgressJson, renderEgressLine } from "../../session/end/egress-lines.ts";
import { findRecord } from "../../session/resolve/find-receipt.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";

export const examples = [
  "claude-bottle logs hello            # all of it so far",
  "claude-bottle logs hello --follow   # and what comes",
  "claude-bottle logs k3f9q2 --json    # of a session that is over",
] as const;

export const command = defineCommand({
  meta: { name: "logs" },
  args: {
    ...optionalBottleArgument,
    follow: { type: "boolean", alias: "f", description: "Go on until the bottle ends or Ctrl-C" },
    ...jsonArgument,
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { stdout } = app.world;
    const signals = watchSignals(stdout);
    const paints = hasColor(app.world) && stdout.isTTY === true;
    try {
      const records = await openRecords(app, args.bottle, args.follow === true, signals.signal);
      for await (const record of records)
        stdout.write(args.json ? renderEgressJson(record) : renderEgressLine(record, paints));
      signals.signal.throwIfAborted();
      return exitCodes.ok;
    } finally {
      signals.stop();
    }
  },
});

/** A bottle that runs goes before a record of the same beginning. */
async function openRecords(
  app: App,
  typed: string | undefined,
  isFollowing: boolean,
  signal: AbortSignal,
): Promise<AsyncIterable<EgressRecord>> {
  const factory = await app.openFactory();
  const bottle = await chooseBottle(app, typed);
  const running = await factory.list();
  if (running.some((one) => one.name.startsWith(bottle)))
    return factory.readEgress({ bottle, isFollowing, signal });
  const { session } = await findRecord(app.world, bottle);
  return readRecord(join(recordFolder(stateFolder(app.world), session), "egress.jsonl"));
}

async function* readRecord(path: string): AsyncGenerator<EgressRecord> {
  for (const line of ((await findText(path)) ?? "").split("\n")) {
    const record = parseEgressRecord(line);
    if (record) yield record;
  }
}
