/** `claude-bottle allow`: grants a running bottle one more host, confirmed by its sidecar. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import type { ExitCode } from "../../core/error.ts";
import type { App } from "../../session/app.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { findAddresses } from "../../host/addresses.ts";
import { adviseOnPort, findObstacle, tlsPort } from "../../plan/judge-host.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";
import type { CommandData } from "../args/command-data.ts";
import { bottleArgument, hostArgument } from "../args/arguments.ts";
import { readDuration, readHost, readHostAndPort } from "../render/live-words.ts";
import { renderAllowed } from "../render/policy-outcome.ts";
import { findSavePlace, saveHost } from "../manifest/save-host.ts";

export const examples = [
  "claude-bottle allow hello-k3f9q2 example.com             # until the session ends",
  "claude-bottle allow hello example.com --for=2h           # a unique prefix of the name is enough",
  "claude-bottle allow hello gitea.lan --private            # may lead to a LAN or Tailscale address",
  "claude-bottle allow hello example.com --undo             # what was allowed or blocked is taken back",
  "claude-bottle allow hello example.com --save             # and write it into the manifest",
] as const;

export const command = defineCommand({
  meta: { name: "allow" },
  args: {
    ...bottleArgument,
    ...hostArgument,
    for: { type: "string", valueHint: "TIME", description: "Only for this time: 90s, 30m, 2h, 1d" },
    private: {
      type: "boolean",
      description: "The host may lead to a private address; restarts pipelock, which closes open connections",
    },
    undo: {
      type: "boolean",
      description: "Take back what was allowed or blocked for it in this session; the manifest decides again",
    },
    save: { type: "boolean", description: "Also add it to the bottle's entry in the manifest" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    if (args.undo === true) return undo(app, args);
    const isPrivate = args.private === true;
    const host = readAllowed(args.host, isPrivate);
    const forMs = args.for === undefined ? undefined : readDuration(args.for, "--for=2h");
    if (args.save && forMs !== undefined) throw forAndSave();
    const { stderr } = app.world;
    const bottles = await app.openBottles();
    const { session, bottle } = await chooseBottle(app, args.bottle);
    const list = isPrivate ? "private" : "allowlist";
    const place = args.save ? await findSavePlace(app.world, bottle, list) : undefined;
    const [outcome, addresses] = await Promise.all([
      bottles.allow({ session, host, isPrivate, forMs }),
      isPrivate ? undefined : findAddresses([host]),
    ]);
    stderr.write(renderAllowed(outcome, { host, isPrivate, addresses: addresses?.get(host) }));
    if (place) stderr.write(`${await saveHost(app.world, place, host)}\n`);
    return exitCodes.ok;
  },
});

/** The other flags say how to allow, which it is the opposite of. */
async function undo(
  app: App,
  args: {
    bottle: string;
    host: string;
    for?: string | undefined;
    private?: boolean | undefined;
    save?: boolean | undefined;
  },
): Promise<ExitCode> {
  if (args.for !== undefined || args.private || args.save) throw undoAlone();
  const host = readHost(args.host);
  const bottles = await app.openBottles();
  const { session } = await chooseBottle(app, args.bottle);
  const outcome = await bottles.undo({ session, host });
  const text = `${outcome.pairs.join(" and ")} is again as the manifest says for ${outcome.bottle}; the sidecar has confirmed it.`;
  app.world.stderr.write(`${escapeForTerminal(text)}\n`);
  return exitCodes.ok;
}

function undoAlone(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot take a change back and make one at once",
    hint: "Leave --for, --private and --save out beside --undo.",
  });
}

/** What the filter would block all the same is not allowed in name only. */
function readAllowed(text: string, isPrivate: boolean): string {
  const { host, port = tlsPort } = readHostAndPort(text);
  const obstacle = findObstacle(host, isPrivate);
  if (port === tlsPort && !obstacle) return host;
  throw new BottleError({
    code: "usage",
    message: `Cannot allow ${quote(text)}: ${obstacle?.reason ?? `a running bottle gets port ${tlsPort} alone`}`,
    hint: obstacle?.needsPrivate
      ? "Add --private."
      : (obstacle?.advice ?? adviseOnPort(host, port)).join(" "),
  });
}

function forAndSave(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot save a host that is allowed for a time: manifest entries cannot expire",
    hint: "Leave --for or --save out.",
  });
}
