/** Many cases, some at a time, and what became of each. */
import type { Bottles } from "./bottle.ts";
import type { Failure, LawCase } from "./case.ts";
import { runCase } from "./run-case.ts";
import { shrink } from "./shrink.ts";

export interface Outcome {
  readonly one: LawCase;
  readonly failures: readonly Failure[];
}

export interface ManyOptions {
  /** Folder for what the cases make */
  readonly parent: string;
  /** By default what claude-bottle makes */
  readonly bottles?: Bottles;
  /** At a time */
  readonly jobs?: number;
  readonly onOutcome?: (outcome: Outcome) => void;
  readonly signal?: AbortSignal;
}

/** In the order of the cases. */
export async function runMany(cases: readonly LawCase[], options: ManyOptions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...cases.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next && !options.signal?.aborted; next = waiting.shift()) {
      const [index, one] = next;
      const outcome = { one, failures: await tryCase(one, options) };
      outcomes[index] = outcome;
      options.onOutcome?.(outcome);
    }
  };
  await Promise.all(Array.from({ length: options.jobs ?? 2 }, worker));
  return outcomes.filter(Boolean);
}

/** The smallest case found that fails of this kind, with what it fails of. */
export async function shrinkOutcome(
  { one }: Outcome,
  kind: string,
  options: ManyOptions,
  limit?: number,
): Promise<Outcome> {
  const failuresOf = async (smaller: LawCase) =>
    (await tryCase(smaller, options)).filter((failure) => failure.kind === kind);
  const smallest = await shrink(one, async (smaller) => (await failuresOf(smaller)).length > 0, limit);
  return { one: smallest, failures: await failuresOf(smallest) };
}

/** Different kinds, in the order in which they came. */
export function kindsOf(failures: readonly Failure[]): string[] {
  return [...new Set(failures.map((failure) => failure.kind))];
}

async function tryCase(one: LawCase, { parent, bottles }: ManyOptions): Promise<Failure[]> {
  try {
    return await runCase(one, parent, bottles);
  } catch (error) {
    // Of the laws' own
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [{ kind: "laws:fault", detail }];
  }
}
