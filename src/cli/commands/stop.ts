/** `claude-bottle stop`: ends bottles side by side. Their work is brought back as at any end. */
import { defineCommand } from "citty";
import type { RunningBottle } from "../../bottle/bottle.ts";
import { pickBottle } from "../../bottle/pick-bottle.ts";
import { BottleError, exitCodes } from "../../core/error.ts";
import { countOf, escapeForTerminal, renderJson } from "../../core/text.ts";
import { makeProgress } from "../../host/progress.ts";
import { askYesNo, canAsk } from "../../host/prompt.ts";
import { recordFolder } from "../../host/session-records.ts";
import { stateFolder } from "../../host/state.ts";
import type { CommandData } from "../args/command-data.ts";
import type { App } from "../../session/app.ts";
import { jsonArgument } from "../args/arguments.ts";
import { renderBrought } from "../../session/end/brought-words.ts";
import { findOwn, listShown } from "../../session/resolve/choose-bottle.ts";
import { stopBottles } from "../../session/end/stop-bottles.ts";
import type { StoppedBottle } from "../../session/end/stop-bottles.ts";

export const examples = [
  "claude-bottle stop hello            # a unique prefix of the name is enough",
  "claude-bottle stop                  # choose from a list",
  "claude-bottle stop hello review-2   # both at once",
  "claude-bottle stop --all            # all that you started",
] as const;

export const command = defineCommand({
  meta: { name: "stop" },
  args: {
    bottle: {
      type: "positional",
      required: false,
      description: "Names of running bottles, or unique prefixes; if omitted, you choose",
    },
    all: { type: "boolean", description: "All bottles that were started with this home folder" },
    ...jsonArgument,
  },
  async run({ args, data }) {
    const { app } = data as CommandData;
    const chosen = await findBottles(app, args._, args.all === true);
    if (chosen === undefined) {
      app.world.stderr.write("Nothing was stopped.\n");
      return exitCodes.ok;
    }
    const bottles = await app.openBottles();
    const progress = makeProgress(app.world, false);
    if (chosen.length > 0) progress.step(describeStop(chosen));
    const stopped = await stopBottles(app, bottles, chosen, (text) => progress.detail(text)).finally(
      progress.done,
    );
    if (args.json) app.world.stdout.write(`${renderJson(stopped.map(describe), 2)}\n`);
    else tell(app, stopped);
    const failed = stopped.filter((one) => one.problem !== undefined);
    if (failed.length > 0) throw notStopped(failed);
    return exitCodes.ok;
  },
});

function describeStop(chosen: readonly RunningBottle[]): string {
  const [only] = chosen;
  const what = only && chosen.length === 1 ? only.name : countOf(chosen.length, "bottle");
  return `Stopping ${escapeForTerminal(what)}`;
}

/** Undefined after a no. Without a name nothing is stopped unasked, be there only one. */
async function findBottles(
  app: App,
  typed: readonly string[],
  isAll: boolean,
): Promise<readonly RunningBottle[] | undefined> {
  if (isAll && typed.length > 0) throw namesAndAll();
  const { shown, own } = await listShown(app);
  if (isAll) return own;
  if (typed.length === 0) return askWhich(app, own);
  const found = typed.map((word) => findOwn(own, word) ?? pickBottle(shown, word));
  return [...new Map(found.map((bottle) => [bottle.session, bottle])).values()];
}

async function askWhich(
  app: App,
  own: readonly RunningBottle[],
): Promise<readonly RunningBottle[] | undefined> {
  const [only] = own;
  if (!only) return [];
  const names = own.map((bottle) => escapeForTerminal(bottle.name));
  if (!canAsk(app.world)) throw whichOnes(names);
  if (own.length === 1) return askYesNo(`Stop ${only.name}?`) ? own : undefined;
  const { makePrompts } = await import("../../host/prompts.ts");
  const picked = makePrompts(app.world).choose("Which bottle?", [
    ...own.map((bottle, index) => ({ value: bottle.session, label: names[index] ?? "" })),
    { value: "", label: `all ${own.length}` },
  ]);
  return picked === "" ? own : own.filter((bottle) => bottle.session === picked);
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
  if (stopped.length === 0) world.stderr.write("You have no running bottles.\n");
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

function namesAndAll(): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot tell which bottles to stop: there are names, and --all",
    hint: "Leave one of them out.",
  });
}

function whichOnes(names: readonly string[]): BottleError {
  return new BottleError({
    code: "usage",
    message: "Cannot tell which bottles to stop: none is named",
    details: [`Running: ${names.join(", ")}`],
    hint: "Name them, or pass --all.",
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
