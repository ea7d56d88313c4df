/** The words of `scripts/laws.ts`. */
import { parseArgs } from "node:util";

export const help = `scripts/laws.ts: repositories and agents made by chance, tried against git itself

Makes a repository in a state that chance decides, copies it into a bottle (without a container), and asks that nothing has changed: the
law of rest. Then it runs commands as agents do, in the bottle and in a plain copy of the repository, and asks that all that the plain copy
has at the end was brought back: the law of work. The rules stand in test/support/laws.

  bun scripts/laws.ts                         300 cases of seed 1
  bun scripts/laws.ts --count 2000 --seed 7   more, and others; a case is the same by its seed and its number
  bun scripts/laws.ts --seed 7 --only 42      one case, with everything that it fails of
  bun scripts/laws.ts --from 301              begins with case 301
  bun scripts/laws.ts --jobs 4                so many at a time (2)
  bun scripts/laws.ts --examples 3            so many examples of each kind of failure, each made as small as possible (1)
  bun scripts/laws.ts --kind work:stash       examples of this kind alone
  bun scripts/laws.ts --steps                 no cases: looks for steps that do nothing wherever they are taken

Prints each failing case, how many cases failed of each kind, and the examples as scripts for bash. The exit code is 1 if one failed.
`;

export interface LawsOptions {
  readonly count: number;
  readonly from: number;
  readonly seed: number;
  /** Undefined for all */
  readonly only: number | undefined;
  readonly jobs: number;
  readonly examples: number;
  readonly isForSteps: boolean;
  /** Undefined for all */
  readonly kind: string | undefined;
}

/** Throws what `parseArgs` throws for words it does not know. Undefined if help was asked for. */
export function readOptions(words: readonly string[]): LawsOptions | undefined {
  const { values } = parseArgs({
    args: [...words],
    options: {
      count: { type: "string", default: "300" },
      from: { type: "string", default: "1" },
      seed: { type: "string", default: "1" },
      only: { type: "string" },
      jobs: { type: "string", default: "2" },
      examples: { type: "string", default: "1" },
      kind: { type: "string" },
      steps: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    count: readNumber("--count", values.count),
    from: readNumber("--from", values.from),
    seed: readNumber("--seed", values.seed),
    only: values.only === undefined ? undefined : readNumber("--only", values.only),
    jobs: readNumber("--jobs", values.jobs),
    examples: readNumber("--examples", values.examples),
    kind: values.kind,
    isForSteps: values.steps,
  };
}

function readNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`${name} takes a number, not "${text}"`);
}
