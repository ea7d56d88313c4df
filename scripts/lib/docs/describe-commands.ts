/** The command tree as data for documents: what `--help` shows, and nothing else. */
import type { ArgsDef } from "citty";
import { commonArguments } from "../../../src/cli/args/arguments.ts";
import { describeFlag } from "../../../src/cli/args/read-words.ts";
import { commandTable } from "../../../src/cli/command-table.ts";
import { renderUsage } from "../../../src/cli/render/help.ts";

export interface DescribedCommand {
  readonly name: string;
  readonly description: string;
  readonly usage: string;
  readonly positionals: readonly Row[];
  readonly flags: readonly Row[];
  readonly examples: readonly string[];
}

export interface Row {
  readonly name: string;
  readonly description: string;
}

/** Every command that people see, in the order of the help. */
export async function describeCommands(): Promise<DescribedCommand[]> {
  const shown = Object.entries(commandTable).filter(([, entry]) => !entry.isHidden);
  return Promise.all(
    shown.map(async ([name, entry]): Promise<DescribedCommand> => {
      const { command, examples } = await entry.load();
      const args: ArgsDef = { ...((command.args ?? {}) as ArgsDef), ...commonArguments };
      const all = Object.entries(args);
      const positionals = all.filter(([, one]) => one.type === "positional");
      return {
        name,
        description: entry.description,
        usage: renderUsage(name, entry, args),
        positionals: positionals.map(([word, one]) => ({
          name: word.toUpperCase(),
          description: one.description ?? "",
        })),
        flags: all.flatMap(([flag, one]) => {
          const [found] = describeFlag(flag, one);
          if (!found) return [];
          const [long = "", ...short] = found.spellings;
          const hint = "valueHint" in one && one.valueHint ? one.valueHint : "VALUE";
          const value = found.takesValue ? `=${hint}` : "";
          return [{ name: [...short, `${long}${value}`].join(", "), description: one.description ?? "" }];
        }),
        examples,
      };
    }),
  );
}
