/** What could stand at the end of a command line: from the command table what it says, and what only the outside knows as a kind. */
import type { CommandEntry } from "../args/command-entry.ts";
import type { ArgDef, ArgsDef } from "citty";
import { commonArguments } from "../args/arguments.ts";
import { describeFlag } from "../args/read-words.ts";

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** Names that stand in manifests, on the engine, in records or in folders, by the argument that takes them */
export type Wanted = "agent" | "bottle" | "host" | "session" | "shell" | "source" | "target";

export type Completion =
  | { readonly kind: "known"; readonly candidates: readonly Candidate[] }
  /** `before` are the arguments that stand in front */
  | {
      readonly kind: "look up";
      readonly what: Wanted;
      readonly command: string;
      readonly before: readonly string[];
    };

type Table = Readonly<Record<string, CommandEntry>>;

const nothing: Completion = { kind: "known", candidates: [] };
const wanted: readonly string[] = [
  "agent",
  "bottle",
  "host",
  "session",
  "shell",
  "source",
  "target",
] satisfies readonly Wanted[];
/** Answered without a command; see `run.ts` and `main.ts` */
const generalWords: readonly Candidate[] = [
  { value: "help", description: "Show the help of a command" },
  { value: "--help", description: "Show the help" },
  { value: "--version", description: "Print the version" },
];

/** `words` are those after the program's name; the last one is being typed and may be empty. */
export async function findCompletion(table: Table, words: readonly string[]): Promise<Completion> {
  const [name = "", ...others] = words;
  if (others.length === 0) return startingWith(name, [...listCommands(table), ...generalWords]);
  if (name === "help")
    return others.length === 1 ? startingWith(others[0] ?? "", listCommands(table)) : nothing;
  const entry = Object.hasOwn(table, name) ? table[name] : undefined;
  // Behind "--" stand words for another program
  if (!entry || others.slice(0, -1).includes("--")) return nothing;
  const { command } = await entry.load();
  return completeWord(name, { ...((command.args ?? {}) as ArgsDef), ...commonArguments }, others, entry);
}

function completeWord(
  command: string,
  args: ArgsDef,
  words: readonly string[],
  { isVariadic = false, takesRest = false }: CommandEntry,
): Completion {
  const typed = words.at(-1) ?? "";
  const { plain, used, isValue } = readWords(args, words.slice(0, -1));
  if (isValue) return nothing;
  if (typed.startsWith("-")) {
    const flags = Object.entries(args).filter(([name]) => !used.has(name));
    const rest = takesRest ? [{ value: "--", description: "Words for what runs inside follow" }] : [];
    return startingWith(typed, [...flags.flatMap(([name, one]) => renderFlag(name, one)), ...rest]);
  }
  const positionals = Object.entries(args).filter(([, one]) => one.type === "positional");
  const [what] = positionals[plain.length] ?? (isVariadic ? positionals.at(-1) : undefined) ?? [];
  if (what === undefined || !wanted.includes(what)) return nothing;
  return { kind: "look up", what: what as Wanted, command, before: plain };
}

/** What the words in front of the typed one are. */
function readWords(
  args: ArgsDef,
  words: readonly string[],
): { readonly plain: readonly string[]; readonly used: ReadonlySet<string>; readonly isValue: boolean } {
  const plain: string[] = [];
  const used = new Set<string>();
  let isValue = false;
  for (const word of words) {
    if (isValue) {
      isValue = false;
      continue;
    }
    if (word === "-" || !word.startsWith("-")) {
      plain.push(word);
      continue;
    }
    const [spelling = "", value] = word.split("=", 2);
    for (const [name, definition] of Object.entries(args)) {
      const flag = describeFlag(name, definition).find((one) => one.spellings.includes(spelling));
      if (!flag) continue;
      used.add(name);
      isValue = flag.takesValue && value === undefined;
    }
  }
  return { plain, used, isValue };
}

/** Only its first spelling: the short ones are for those who know them. */
function renderFlag(name: string, definition: ArgDef): Candidate[] {
  const [flag] = describeFlag(name, definition);
  const [spelling] = flag?.spellings ?? [];
  return spelling === undefined ? [] : [{ value: spelling, description: definition.description ?? "" }];
}

function listCommands(table: Table): Candidate[] {
  return Object.entries(table)
    .filter(([, entry]) => !entry.isHidden)
    .map(([value, { description }]) => ({ value, description }));
}

function startingWith(typed: string, all: readonly Candidate[]): Completion {
  return { kind: "known", candidates: all.filter((one) => one.value.startsWith(typed)) };
}
