/** See `--help`. */
import { generate } from "../test/support/laws/generate.ts";
import { kindsOf, runMany, shrinkOutcome } from "../test/support/laws/run-many.ts";
import type { ManyOptions, Outcome } from "../test/support/laws/run-many.ts";
import { renderScript } from "../test/support/laws/script.ts";
import { bundleSidecar } from "./bundle-sidecar.ts";
import { findIdleSteps } from "./lib/laws/idle-steps.ts";
import { help, readOptions } from "./lib/laws/options.ts";
import type { LawsOptions } from "./lib/laws/options.ts";
import { makeTemporaryFolder } from "./lib/temporary-folder.ts";

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  process.stdout.write(help);
  process.exit(0);
}
await bundleSidecar();
const parent = await makeTemporaryFolder("laws");
process.exit((await (options.isForSteps ? checkSteps() : run(options))) ? 0 : 1);

async function checkSteps(): Promise<boolean> {
  const idle = await findIdleSteps(parent, (name) => console.log(name));
  for (const title of idle) console.log(`does nothing: ${title}`);
  return idle.length === 0;
}

async function run(chosen: LawsOptions): Promise<boolean> {
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
