/** The words of `scripts/fuzz`. */
import { parseArgs } from "node:util";

export function renderHelp(names: readonly string[]): string {
  return `scripts/fuzz: hostile input made by chance for the program's own parsers

Each trial makes an input, has it read whole and in pieces, and compares with what must hold; the modules in scripts/lib/fuzz say what.
The unit tests run some trials of each.

  scripts/fuzz NAME                        10000 trials from seed 1
  scripts/fuzz NAME --seed 7 --count 1     one trial again
  scripts/fuzz all --count 1000000         of every kind so many

Names: ${names.join(", ")}
Prints each failure with its seed. The exit code is 1 if a trial failed.
`;
}

export interface FuzzOptions {
  readonly names: readonly string[];
  readonly seed: number;
  readonly count: number;
}

/** Throws what `parseArgs` throws for words it does not know. Undefined if help was asked for. */
export function readOptions(words: readonly string[], names: readonly string[]): FuzzOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      seed: { type: "string", default: "1" },
      count: { type: "string", default: "10000" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new Error(`Name one of: ${names.join(", ")}, all`);
  if (name !== "all" && !names.includes(name))
    throw new Error(`"${name}" is none of: ${names.join(", ")}, all`);
  return {
    names: name === "all" ? names : [name],
    seed: readNumber("--seed", values.seed),
    count: readNumber("--count", values.count),
  };
}

function readNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${name} takes a number, not "${text}"`);
}
