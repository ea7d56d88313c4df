/** `claude-bottle stop`: ends bottles side by side. Their work is brought back as at any end. */
import type { BottleFactory } from "../../bottle/bottle-factory.ts";
import { defineCommand } from "citty";
import type { RunningBottle } from "../../bottle/bottle.ts";
import { pickBottle } from "../../bottle/pick-bottle.ts";
import { BottleError, exitCodes } from "../../core/error.ts";
import { countOf, escapeForTerminal, renderJson } from "../../core/text.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { CommandData } from "../args/command-data.ts";
import type { App } from "../../session/app.ts";
import { jsonArgument } from "../args/arguments.ts";
import { renderBrought } from "../../session/end/brought-words.ts";
import { findOwn, listOwnBottles } from "../../session/resolve/choose-bottle.ts";
import { stopBottles } from "../../session/end/stop-bottles.ts";
import type { StoppedBottle } from "../../session/end/stop-bottles.ts";

export const examples = [
  "claude-bottle stop hello            # the beginning of the name is enough",
  "claude-bottle stop hello review-2   # both at once",
  "claude-bottle stop --all            # all that you started, side by side",
] as const;

export const command = defineCommand({
  meta: { name: "stop" },
  args: {
    bottle: {
      type: "positional",
      required: false,
      description: "Names of running bottles, or the beginnings of them",
    },
    all: { type: "boolean", description: "All bottles that were started with this home folder" },
    ...jsonArgument,
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const typed = args._;
    if (args.all === typed.length > 0) throw whichOnes();
    const factory = await app.openFactory();
    const bottles = await findBottles(app, factory, typed);
    const stopped = await stopBottles(app, factory, bottles);
    if (args.json) app.world.stdout.write(`${renderJson(stopped.map(describe), 2)}\n`);
    else tell(app, stopped);
    const failed = stopped.filter((one) => one.problem !== undefined);
    if (failed.length > 0) throw notStopped(failed);
    return exitCodes.ok;
  },
});

async function findBottles(
  app: App,
  factory: BottleFactory,
  typed: readonly string[],
): Promise<readonly RunningBottle[]> {
  if (typed.length === 0) return listOwnBottles(app);
  const [running, own] = await Promise.all([factory.list(), listOwnBottles(app)]);
  const found = typed.map((word) => findOwn(own, word) ?? pickBottle(running, word));
  return [...new Map(found.map((bottle) => [bottle.session, bottle])).values()];
}

function describe({ name, session, receipt, problem }: StoppedBottle) {
  const { exitCode, broughtBack = [], files = [], problems = [] } = receipt ?? {};
  return {
    name,
    session,
    exitCode,
    broughtBack,
    files,
    problems: problem === undefined ? problems : [problem, ...problems],
  };
}

function tell({ world }: App, stopped: readonly StoppedBottle[]): void {
  if (stopped.length === 0) world.stderr.write("No bottle of yours runs.\n");
  for (const { name, session, receipt, problem } of stopped) {
    if (problem !== undefined) continue;
    world.stderr.write(`Stopped ${escapeForTerminal(name)}\n`);
    if (!receipt) continue;
    const { broughtBack: refs, files, claudeSession, problems, workspace } = receipt;
    const record = recordFolder(stateFolder(world), session);
    const context = { world, session, bottleName: name, record, workspace, isRunning: false };
    for (const line of renderBrought({ refs, files, claudeSession, problems }, context))
      world.stderr.write(`${line}\n`);
  }
}

function whichOnes(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot tell which bottles to stop: name them, or pass --all, and not both",
    hint: 'See "claude-bottle list".',
  });
}

function notStopped(failed: readonly StoppedBottle[]): BottleError {
  return new BottleError({
    code: "session",
    message: `Cannot stop ${countOf(failed.length, "bottle")}`,
    details: failed.map(
      ({ name, problem }) => `${escapeForTerminal(name)}: ${escapeForTerminal(problem ?? "")}`,
    ),
    hint: 'Run "claude-bottle cleanup" once its launcher is gone.',
  });
}
