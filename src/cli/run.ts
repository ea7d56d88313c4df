/** From the words on the command line to an exit code: finds the command, checks its words, answers --help, runs it. */
import type { CommandEntry } from "./args/command-entry.ts";
import { runCommand } from "citty";
import type { ArgsDef } from "citty";
import { BottleError, exitCodes } from "../core/error.ts";
import type { ExitCode } from "../core/error.ts";
import { quote, suggest } from "../core/text.ts";
import type { CommandData } from "./args/command-data.ts";
import type { App } from "../session/app.ts";
import { commonArguments } from "./args/arguments.ts";
import { checkWords } from "./args/check-words.ts";
import { commandTable } from "./command-table.ts";
import { renderCommandHelp, renderProgramHelp } from "./render/help.ts";

/** Runs one command. `makeApp` is only called by those that do something, so that help needs no sound environment. */
export async function runCli(
  words: readonly string[],
  makeApp: () => App,
  write: (text: string) => void,
): Promise<ExitCode> {
  const [name, ...others] = words;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    return help(others, write, name !== undefined);
  }
  const entry = findCommand(name);
  const module = await entry.load();
  const args = { ...((module.command.args ?? {}) as ArgsDef), ...commonArguments };
  const end = others.indexOf("--");
  const before = end < 0 ? others : others.slice(0, end);
  if (before.some((word) => word === "--help" || word === "-h")) {
    write(renderCommandHelp(name, entry, args, module.examples));
    return exitCodes.ok;
  }
  checkWords(name, before, args, entry.isVariadic);
  if (end >= 0 && !entry.takesRest) {
    throw new BottleError({
      code: "usage",
      message: `Cannot run "claude-bottle ${name}": it takes nothing behind "--"`,
      hint: `See "claude-bottle ${name} --help".`,
    });
  }
  const app = makeApp();
  // Whatever a power loss left goes with the next command, whichever it is
  if (!entry.isHidden && !entry.sweepsItself) {
    const { sweepDeadSessions } = await import("../session/store/session-journal.ts");
    await sweepDeadSessions(app, { isAwaited: false });
  }
  const data: CommandData = { app, commands: commandTable, rest: end < 0 ? [] : others.slice(end + 1) };
  const { result } = await runCommand({ ...module.command, args }, { rawArgs: before, data });
  return typeof result === "number" ? result : exitCodes.ok;
}

/** `help`, `--help` and no word at all; without a word it is an error that shows the way. */
async function help(
  words: readonly string[],
  write: (text: string) => void,
  isAsked: boolean,
): Promise<ExitCode> {
  const [name] = words;
  if (name === undefined) {
    write(renderProgramHelp(commandTable));
    return isAsked ? exitCodes.ok : exitCodes.usage;
  }
  const entry = findCommand(name);
  const module = await entry.load();
  const args = { ...((module.command.args ?? {}) as ArgsDef), ...commonArguments };
  write(renderCommandHelp(name, entry, args, module.examples));
  return exitCodes.ok;
}

function findCommand(name: string): CommandEntry {
  const entry = Object.hasOwn(commandTable, name) ? commandTable[name] : undefined;
  if (entry) return entry;
  const names = Object.keys(commandTable).filter((known) => !commandTable[known]?.isHidden);
  const nearest = suggest(name, names);
  throw new BottleError({
    code: "usage",
    message: `Cannot run ${quote(name)}: there is no such ${name.startsWith("-") ? "flag" : "command"}`,
    details: name.startsWith("-") ? [] : [`Commands: ${names.join(", ")}`],
    hint: nearest ? `Did you mean "claude-bottle ${nearest}"?` : 'See "claude-bottle --help".',
  });
}
