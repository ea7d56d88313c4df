/** From the words on the command line to an exit code: finds the command, checks its words, answers --help, runs it. */
import type { CommandEntry } from "./args/command-entry.ts";
import type { ArgsDef, ParsedArgs } from "citty";
import { BottleError, exitCodes } from "../core/error.ts";
import type { ExitCode } from "../core/error.ts";
import { quote, suggest } from "../core/text.ts";
import type { CommandData } from "./args/command-data.ts";
import type { App } from "../session/app.ts";
import { commonArguments } from "./args/arguments.ts";
import { readWords } from "./args/read-words.ts";
import { commandTable } from "./command-table.ts";
import {
  renderCommandHelp,
  renderEnvironmentHelp,
  renderProgramHelp,
  renderShortHelp,
} from "./render/help.ts";

/** Runs one command. `makeApp` is only called by those that do something, so that help needs no sound environment. */
export async function runCli(
  words: readonly string[],
  makeApp: () => Promise<App>,
  write: (text: string) => void,
): Promise<ExitCode> {
  const [typed, ...others] = words;
  if (typed === undefined) return firstScreen(makeApp, write);
  if (typed === "--help" || typed === "-h" || typed === "help") return help(others, write);
  const { name, entry } = findCommand(typed);
  const module = await entry.load();
  const args = { ...((module.command.args ?? {}) as ArgsDef), ...commonArguments };
  const end = others.indexOf("--");
  const before = end < 0 ? others : others.slice(0, end);
  if (before.some((word) => word === "--help" || word === "-h")) {
    write(renderCommandHelp(name, entry, args, module.examples));
    return exitCodes.ok;
  }
  const given = readWords(name, before, args, entry.isVariadic);
  if (end >= 0 && !entry.takesRest) {
    throw new BottleError({
      code: "usage",
      message: `Cannot run "claude-bottle ${name}": it takes nothing after "--"`,
      hint: `See "claude-bottle ${name} --help".`,
    });
  }
  const app = await makeApp();
  // Whatever a power loss left goes with the next command, whichever it is
  if (!entry.isHidden && !entry.sweepsItself) {
    const { sweepDeadSessions } = await import("../session/store/sweep.ts");
    await sweepDeadSessions(app, { isAwaited: false });
  }
  const data: CommandData = { app, commands: commandTable, rest: end < 0 ? [] : others.slice(end + 1) };
  const result: unknown = await module.command.run?.({
    // Each is what its definition says
    args: given as ParsedArgs<ArgsDef>,
    rawArgs: before,
    cmd: module.command,
    data,
  });
  return typeof result === "number" ? result : exitCodes.ok;
}

/** Without a command: the view of what runs, for whoever sits at a terminal and has bottles; otherwise the short help. */
async function firstScreen(makeApp: () => Promise<App>, write: (text: string) => void): Promise<ExitCode> {
  const { hasRunningBottles } = await import("./first-screen.ts");
  if (await hasRunningBottles(makeApp)) return runCli(["watch"], makeApp, write);
  write(renderShortHelp(commandTable));
  return exitCodes.ok;
}

/** `help` and `--help`, of everything, of the environment or of one command. */
async function help(words: readonly string[], write: (text: string) => void): Promise<ExitCode> {
  const [typed] = words;
  if (typed === undefined || typed === "env") {
    write(typed === "env" ? renderEnvironmentHelp() : renderProgramHelp(commandTable));
    return exitCodes.ok;
  }
  const { name, entry } = findCommand(typed);
  const module = await entry.load();
  const args = { ...((module.command.args ?? {}) as ArgsDef), ...commonArguments };
  write(renderCommandHelp(name, entry, args, module.examples));
  return exitCodes.ok;
}

/** By its name or another name of it. */
function findCommand(typed: string): { readonly name: string; readonly entry: CommandEntry } {
  const found = Object.entries(commandTable).find(
    ([name, entry]) => name === typed || entry.aliases?.includes(typed),
  );
  if (found) return { name: found[0], entry: found[1] };
  const names = Object.keys(commandTable).filter((known) => !commandTable[known]?.isHidden);
  const nearest = suggest(typed, names);
  throw new BottleError({
    code: "usage",
    message: `Cannot run ${quote(typed)}: there is no such ${typed.startsWith("-") ? "flag" : "command"}`,
    details: typed.startsWith("-") ? [] : [`Commands: ${names.join(", ")}`],
    hint: nearest ? `Did you mean "claude-bottle ${nearest}"?` : 'See "claude-bottle --help".',
  });
}
