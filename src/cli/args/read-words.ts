/**
 * The one reader of a command's words, by citty's definitions. citty's own lets unknown flags, extra words and repeated flags through: on a
 * command that decides what an agent may reach, a slip like `--yess` must not be read as something else.
 */
import type { ArgDef, ArgsDef } from "citty";
import { BottleError } from "../../core/error.ts";
import { quoteForShell } from "../../core/shell-quote.ts";
import { quote, suggest } from "../../core/text.ts";

export interface Flag {
  readonly name: string;
  /** As typed: `--dry-run`, `-y`, `--no-cache` */
  readonly spellings: readonly string[];
  readonly takesValue: boolean;
  /** By default */
  readonly isOn: boolean;
}

/** Texts, and true or false for switches; `_` is a list of texts. */
export type ReadArgs = Readonly<Record<string, unknown>> & { readonly _: string[] };

/** Reads the words of a command in front of `--`: values by the names of their arguments, and under `_` what belongs to no flag. Throws for the first that does not fit. */
export function readWords(
  command: string,
  words: readonly string[],
  args: ArgsDef,
  isVariadic = false,
): ReadArgs {
  const flags = Object.entries(args).flatMap(([name, definition]) => describeFlag(name, definition));
  const positionals = Object.entries(args).filter(([, definition]) => definition.type === "positional");
  const values = new Map<Flag, string | boolean>();
  const plain: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (word === "-" || !word.startsWith("-")) {
      plain.push(word);
      continue;
    }
    const [typed = "", value] = splitAtEquals(word);
    const flag = flags.find((one) => one.spellings.includes(typed));
    if (!flag) throw unknownFlag(command, typed, flags);
    if (values.has(flag)) throw usage(command, `${quote(typed)} is given twice`, "Give it once.");
    if (!flag.takesValue) {
      if (value !== undefined)
        throw usage(command, `${quote(typed)} takes no value`, `Write ${typed} alone.`);
      values.set(flag, !flag.isOn);
      continue;
    }
    const next = value ?? words[index + 1];
    if (next === undefined || (value === undefined && next.startsWith("-")))
      throw usage(command, `${quote(typed)} needs a value`, `Write ${typed}=VALUE.`);
    if (value === undefined) index += 1;
    values.set(flag, next);
  }
  const extra = isVariadic ? undefined : plain[positionals.length];
  if (extra !== undefined) throw extraWord(command, extra, flags);
  const missing = positionals[plain.length];
  if (missing && missing[1].required !== false) {
    throw usage(command, `missing argument: ${missing[0].toUpperCase()}`, seeHelp(command));
  }
  return nameValues(args, plain, values);
}

function nameValues(args: ArgsDef, plain: string[], values: ReadonlyMap<Flag, string | boolean>): ReadArgs {
  const byName = new Map([...values].map(([{ name }, value]) => [name, value]));
  const left = [...plain];
  const named = Object.entries(args).map(([name, definition]) => {
    const value = definition.type === "positional" ? left.shift() : byName.get(name);
    return [name, value ?? definition.default] as const;
  });
  return { ...Object.fromEntries(named.filter(([, value]) => value !== undefined)), _: plain };
}

/** How a flag may be typed; none for an argument that is no flag. */
export function describeFlag(name: string, definition: ArgDef): Flag[] {
  if (definition.type === "positional") return [];
  const aliases = [("alias" in definition && definition.alias) || []].flat();
  // A switch that is on by default can only be switched off
  const isOn = definition.type === "boolean" && definition.default === true;
  return [
    {
      name,
      isOn,
      spellings: isOn ? [`--no-${name}`] : [`--${name}`, ...aliases.map((alias) => `-${alias}`)],
      takesValue: definition.type === "string" || definition.type === "enum",
    },
  ];
}

function splitAtEquals(word: string): [flag: string, value: string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function unknownFlag(command: string, typed: string, flags: readonly Flag[]): BottleError {
  // Somebody who writes --no-x or --x may mean the other one
  const opposite = typed.startsWith("--no-") ? `--${typed.slice(5)}` : typed.replace(/^--/, "--no-");
  const spellings = flags.flatMap((flag) => flag.spellings);
  // Every other flag of one letter is one letter away
  const similar = typed.length > 2 ? suggest(typed, spellings) : undefined;
  const nearest = spellings.includes(opposite) ? opposite : similar;
  return usage(
    command,
    `unknown flag ${quote(typed)}`,
    nearest ? `Did you mean ${nearest}?` : adviseOnRest(command, typed),
  );
}

function extraWord(command: string, word: string, flags: readonly Flag[]): BottleError {
  const long = flags.flatMap((flag) => flag.spellings).filter((spelling) => spelling.startsWith("--"));
  const nearest = suggest(`--${word}`, long);
  return usage(
    command,
    `unexpected argument ${quote(word)}`,
    nearest ? `Did you mean ${nearest}?` : adviseOnRest(command, word),
  );
}

/** Where the word may have been meant for the program inside. */
function adviseOnRest(command: string, word: string): string {
  // A flag as it was typed: after "--" a shell takes it as it is
  const shown = /^--?[\w-]+$/.test(word) ? word : quoteForShell(word);
  if (["start", "run", "resume"].includes(command))
    return `Put Claude's arguments after "--", as in "claude-bottle ${command} … -- ${shown}".`;
  return command === "exec" ? 'Put the command after "--".' : seeHelp(command);
}

function seeHelp(command: string): string {
  return `See "claude-bottle ${command} --help".`;
}

function usage(command: string, state: string, hint: string): BottleError {
  return new BottleError({ code: "usage", message: `Cannot run "claude-bottle ${command}": ${state}`, hint });
}
