/** `claude-bottle allow`: grants a running bottle one more host, confirmed by its sidecar. */
import { defineCommand } from "citty";
import { BottleError, exitCodes } from "../../core/error.ts";
import type { ExitCode } from "../../core/error.ts";
import type { LiveProtocol } from "../../bottle/live.ts";
import type { App } from "../../session/app.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { findAddresses } from "../../host/addresses.ts";
import { findObstacle, plainPort, sshPort, tlsPort } from "../../plan/judge-host.ts";
import { chooseBottle } from "../../session/resolve/choose-bottle.ts";
import type { CommandData } from "../args/command-data.ts";
import { bottleArgument, hostArgument } from "../args/arguments.ts";
import { readDuration, readHostAndPort, readWantedRequest } from "../render/live-words.ts";
import { allowRule } from "../network/allow-rule.ts";
import { renderAllowed } from "../render/policy-outcome.ts";
import { changeBound } from "../network/change-bound.ts";
import { findSavePlace, savePair } from "../manifest/save-host.ts";

export const examples = [
  "claude-bottle allow hello-k3f9q2 example.com             # until the session ends",
  "claude-bottle allow hello example.com --for=2h           # a unique prefix of the name is enough",
  'claude-bottle allow hello "POST api.github.com/repos/acme/shop/pulls"  # only such requests',
  "claude-bottle allow hello gitea.lan --private            # may lead to a LAN or Tailscale address",
  "claude-bottle allow hello registry.lan:5000              # TLS on another port",
  "claude-bottle allow hello db.lan:5432 --tcp --private    # anything on this port, and nothing looks at it",
  "claude-bottle allow hello github.com --upload=40mb       # raise what it may be sent (bounds)",
  "claude-bottle allow hello example.com --undo             # what was allowed or blocked is taken back",
  "claude-bottle allow hello example.com --save             # and write it into the manifest",
] as const;

const sshHint = "Add an ssh entry to the bottle in the manifest, and start the bottle again.";

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
    http: { type: "boolean", description: "Plain http; so it is for port 80" },
    tcp: { type: "boolean", description: "Any protocol, such as a database's: nothing looks for TLS" },
    undo: {
      type: "boolean",
      description: "Take back what was allowed or blocked for it in this session; the manifest decides again",
    },
    upload: {
      type: "string",
      valueHint: "SIZE",
      description: "Change how much it may be sent in this session, such as 40mb, and nothing else",
    },
    requests: {
      type: "string",
      valueHint: "NUMBER",
      description: "Change how many requests it may get in this session, and nothing else",
    },
    save: { type: "boolean", description: "Also add it to the bottle's entry in the manifest" },
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    if (args.undo === true) return undo(app, args);
    if (args.upload !== undefined || args.requests !== undefined) return changeBound(app, args);
    const wanted = readWantedRequest(args.host);
    if (wanted) return allowRule(app, args, wanted);
    const isPrivate = args.private === true;
    const { host, port, protocol } = readAllowed(args.host, { isPrivate, http: args.http, tcp: args.tcp });
    const forMs = args.for === undefined ? undefined : readDuration(args.for, "--for=2h");
    if (args.save && forMs !== undefined) throw forAndSave();
    const { stderr } = app.world;
    const bottles = await app.openBottles();
    const { session, bottle } = await chooseBottle(app, args.bottle);
    if (args.save) await findSavePlace(app.world, bottle, "allowlist");
    const [outcome, addresses] = await Promise.all([
      bottles.allow({ session, host, port, protocol, isPrivate, forMs }),
      isPrivate ? undefined : findAddresses([host]),
    ]);
    stderr.write(renderAllowed(outcome, { host, isPrivate, addresses: addresses?.get(host) }));
    if (args.save)
      for (const line of await savePair(app.world, bottle, { host, port, protocol, isPrivate }))
        stderr.write(`${line}\n`);
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
    http?: boolean | undefined;
    tcp?: boolean | undefined;
    upload?: string | undefined;
    requests?: string | undefined;
  },
): Promise<ExitCode> {
  const isBound = args.upload !== undefined || args.requests !== undefined;
  if (args.for !== undefined || args.private || args.save || args.http || args.tcp || isBound)
    throw undoAlone();
  const { host, port } = readHostAndPort(args.host);
  const bottles = await app.openBottles();
  const { session } = await chooseBottle(app, args.bottle);
  const outcome = await bottles.undo({ session, host, port });
  const text = `${outcome.pairs.join(" and ")} is again as the manifest says for ${outcome.bottle}; the sidecar has confirmed it.`;
  app.world.stderr.write(`${escapeForTerminal(text)}\n`);
  return exitCodes.ok;
}

function undoAlone(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot take a change back and make one at once",
    hint: "Leave all other flags out beside --undo.",
  });
}

interface AllowedPair {
  readonly host: string;
  readonly port: number;
  readonly protocol: LiveProtocol;
}

/** What the filter would block all the same is not allowed in name only. */
function readAllowed(
  text: string,
  { isPrivate, http, tcp }: { isPrivate: boolean; http?: boolean | undefined; tcp?: boolean | undefined },
): AllowedPair {
  const { host, port: written } = readHostAndPort(text);
  const isPlain = http === true || (written === plainPort && tcp !== true);
  const port = written ?? (isPlain ? plainPort : tlsPort);
  const obstacle = findObstacle(host, isPrivate);
  if (obstacle)
    throw notAllowed(
      text,
      obstacle.reason,
      obstacle.needsPrivate ? "Add --private." : obstacle.advice.join(" "),
    );
  if (http && tcp) throw notAllowed(text, "--http and --tcp are two protocols", "Give one of them.");
  if (tcp && (written === undefined || host.startsWith("*")))
    throw notAllowed(text, "--tcp is for one port of one host", "Write HOST:PORT.");
  if (port === sshPort && !tcp)
    throw notAllowed(text, "port 22 speaks SSH, for which a bottle needs a key from its start", sshHint);
  return { host, port, protocol: tcp ? "tcp" : isPlain ? "http" : "tls" };
}

function notAllowed(text: string, state: string, hint: string): BottleError {
  return new BottleError({ code: "usage", message: `Cannot allow ${quote(text)}: ${state}`, hint });
}

function forAndSave(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot save a host that is allowed for a time: manifest entries cannot expire",
    hint: "Leave --for or --save out.",
  });
}
