/** The cases of `scripts/laws.ts`, and what it prints of them. */
import { generate } from "../../../test/support/laws/generate.ts";
import { kindsOf, runMany, shrinkOutcome } from "../../../test/support/laws/run-many.ts";
import type { ManyOptions, Outcome } from "../../../test/support/laws/run-many.ts";
import { renderScript } from "../../../test/support/laws/script.ts";
import { findIdleSteps } from "./idle-steps.ts";
import type { LawsOptions } from "./options.ts";

/** False if there is a step that does nothing. */
export async function checkSteps(parent: string): Promise<boolean> {
  const idle = await findIdleSteps(parent, (name) => console.log(name));
  for (const title of idle) console.log(`does nothing: ${title}`);
  return idle.length === 0;
}

/** False if a case failed. `parent` is a folder for what they make. */
export async function runLaws(chosen: LawsOptions, parent: string): Promise<boolean> {
  const first = chosen.only ?? chosen.from;
  const count = chosen.only === undefined ? chosen.count : 1;
  const cases = Array.from({ length: count }, (_, index) => generate(chosen.seed, first + index));
  let done = 0;
  const outcomes = await runMany(cases, {
    parent,
    jobs: chosen.jobs,
    onOutcome: ({ one, failures }) => {
      done += 1;
      if (failures.length > 0) console.log(`case ${one.number}: ${kindsOf(failures).join(", ")}`);
      if (done % 100 === 0) console.log(`${done} of ${count}`);
    },
  });
  const failed = outcomes.filter((one) => one.failures.length > 0);
  if (chosen.only !== undefined) for (const outcome of failed) console.log(describe(outcome));
  console.log(`\nSeed ${chosen.seed}: ${outcomes.length} cases, ${failed.length} failed`);
  await showExamples(failed, chosen, { parent });
  return failed.length === 0;
}

async function showExamples(
  failed: readonly Outcome[],
  { examples, kind }: LawsOptions,
  many: ManyOptions,
): Promise<void> {
  const counts = new Map<string, Outcome[]>();
  for (const outcome of failed)
    for (const one of kindsOf(outcome.failures)) counts.set(one, [...(counts.get(one) ?? []), outcome]);
  const kinds = [...counts].toSorted((a, b) => b[1].length - a[1].length);
  for (const [name, outcomes] of kinds) console.log(`${String(outcomes.length).padStart(6)}  ${name}`);
  for (const [name, outcomes] of kinds) {
    if (kind !== undefined && kind !== name) continue;
    // The smallest ones are small already
    const some = outcomes.toSorted((a, b) => size(a) - size(b)).slice(0, examples);
    for (const outcome of some) console.log(`\n${describe(await shrinkOutcome(outcome, name, many))}`);
  }
}

function size({ one }: Outcome): number {
  return one.state.length + one.work.length;
}

function describe({ one, failures }: Outcome): string {
  const titles = [...one.state, ...one.work].map((step) => step.title).join("; ");
  return `# ${kindsOf(failures).join(", ")}: ${titles}\n${renderScript(one, failures)}`;
}
