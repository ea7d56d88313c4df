/** `claude-bottle allow`: grants a running bottle one more host, confirmed by its sidecar. */
import { defineCommand } from "citty";
import { pickBottle } from "../../bottle/pick-bottle.ts";
import { BottleError, exitCodes } from "../../core/error.ts";
import type { CommandData } from "../command-data.ts";
import { bottleArgument, hostArgument } from "../args/arguments.ts";
import { readDuration, readHost } from "../render/live-words.ts";
import { renderOutcome } from "../render/policy-outcome.ts";
import { findSavePlace, saveHost } from "../manifest/save-host.ts";

export const examples = [
  "claude-bottle allow hello-k3f9q2 example.com             # until the session ends",
  "claude-bottle allow hello example.com --for=2h           # a unique prefix of the name is enough",
  "claude-bottle allow hello gitea.lan --private            # may lead to a LAN or Tailscale address",
  "claude-bottle allow hello example.com --save             # and write it into the manifest",
] as const;

export const command = defineCommand({
  meta: { name: "allow" },
  args: {
    ...bottleArgument,
    ...hostArgument,
    for: { type: "string", valueHint: "TIME", description: "Only for so long: 90s, 30m, 2h, 1d" },
    private: {
      type: "boolean",
      description: "The host may lead to a private address; starts pipelock again, which cuts what is open",
    },
    save: { type: "boolean", description: "Add it to the bottle's entry in the manifest too" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const host = readHost(args.host);
    const isPrivate = args.private === true;
    const forMs = args.for === undefined ? undefined : readDuration(args.for, "--for=2h");
    if (args.save && forMs !== undefined) throw forAndSave();
    const factory = await app.openFactory();
    const place = args.save
      ? await findSavePlace(
          app.world,
          pickBottle(await factory.list(), args.bottle).bottle,
          isPrivate ? "private" : "allowlist",
        )
      : undefined;
    const outcome = await factory.allow({ bottle: args.bottle, host, isPrivate, forMs });
    app.world.stderr.write(renderOutcome(outcome, "may be reached"));
    if (place) app.world.stderr.write(`${await saveHost(place, host)}\n`);
    return exitCodes.ok;
  },
});

function forAndSave(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot save a host that is allowed for a time: the manifest knows no end",
    hint: "Leave --for or --save out.",
  });
}
