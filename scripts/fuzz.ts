/** See `--help`. */
import { renderHelp, readOptions } from "./lib/fuzz/options.ts";
import { runTrials } from "./lib/fuzz/run-trials.ts";
import { fuzzers } from "./lib/fuzz/table.ts";

const options = readOptions(process.argv.slice(2), Object.keys(fuzzers));
if (options === undefined) {
  process.stdout.write(renderHelp(Object.keys(fuzzers)));
  process.exit(0);
}
let hasFailed = false;
for (const name of options.names) {
  const load = fuzzers[name];
  if (!load) throw new Error(`"${name}" is none of: ${Object.keys(fuzzers).join(", ")}`);
  const { failures, trials } = await runTrials(await load(), options);
  for (const { seed, problem } of failures) process.stdout.write(`${name} --seed ${seed}: ${problem}\n`);
  process.stdout.write(`${name}: ${failures.length} of ${trials} failed, from seed ${options.seed}\n`);
  hasFailed ||= failures.length > 0;
}
process.exit(hasFailed ? 1 : 0);
