/** `claude-bottle deny`: refuses a host to a running bottle and cuts what is open to it, confirmed by its sidecar. */
import { defineCommand } from "citty";
import { exitCodes } from "../../core/error.ts";
import type { CommandData } from "../args/command-data.ts";
import { bottleArgument, hostArgument } from "../args/arguments.ts";
import { readHostAndPort } from "../render/live-words.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";
import { renderOutcome } from "../render/policy-outcome.ts";

export const examples = [
  "claude-bottle deny hello-k3f9q2 example.com   # also closes its connections; the manifest stays as it is",
  "claude-bottle deny hello '*.example.com'      # with everything below it",
  "claude-bottle deny hello db.lan:5432          # this port alone",
] as const;

export const command = defineCommand({
  meta: { name: "deny" },
  args: { ...bottleArgument, ...hostArgument },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const { host, port } = readHostAndPort(args.host);
    const bottles = await app.openBottles();
    const { session } = await chooseBottle(app, args.bottle);
    const outcome = await bottles.deny({ session, host, ...(port !== undefined && { port }) });
    app.world.stderr.write(renderOutcome(outcome, "can no longer be reached"));
    return exitCodes.ok;
  },
});
