/** `scripts/filter-contract`: see `--help`. */
import { parseArgs } from "node:util";
import { compareContracts } from "./lib/filter-contract/compare.ts";
import { recordCorpora, writeCorpora } from "./lib/filter-contract/corpora.ts";
import { readContract, writeContract } from "./lib/filter-contract/files.ts";
import { findFilterImage, findVersion } from "./lib/filter-contract/releases.ts";
import { recordContract } from "./lib/filter-contract/record.ts";
import { takeProgram } from "./lib/filter-contract/take-program.ts";
import { makeTemporaryFolder } from "./lib/temporary-folder.ts";
import { engineForTests } from "../test/support/engine-gate.ts";

const help = `scripts/filter-contract: what a pipelock image answers, as data

  scripts/filter-contract IMAGE                     record it in test/contract/pipelock/VERSION.json
  scripts/filter-contract IMAGE --against VERSION   record it, and compare it with the record of VERSION
  scripts/filter-contract IMAGE --corpora           send it the corpora of "inspect", and record what it blocks and misses
                                                    in test/contract/pipelock/corpora/VERSION.json
  scripts/filter-contract IMAGE --name              print the image's whole name, and do nothing

IMAGE may be "pinned" for the release that bottles use by default, and "newest" for the newest release, which GitHub is asked for. VERSION
may be "pinned", and "newest" for the newest of those that are recorded.

The image is fetched if the engine does not have it. Its program is taken out of it and runs here, on loopback, with a fixed catalogue of
configurations, exchanges, changes of a configuration, command lines and faults. With --against the exit code is 1 if a difference
matters: another verdict, another thing that arrives, or another end of a connection. Differences in words alone are listed too.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: "string" },
    corpora: { type: "boolean", default: false },
    name: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
const [word] = positionals;
if (values.help || word === undefined || positionals.length > 1) {
  (values.help ? process.stdout : process.stderr).write(help);
  process.exit(values.help ? 0 : 2);
}
const image = await findFilterImage(word);
if (values.name) {
  console.log(image);
  process.exit(0);
}
const before =
  values.against === undefined ? undefined : await readContract(await findVersion(values.against));
const engine = await engineForTests();
if (typeof engine === "string") throw new Error(engine);
const folder = await makeTemporaryFolder("filter-program");
const taken = await takeProgram(engine, image, folder);
if (values.corpora) {
  const record = await recordCorpora([taken.path]);
  const { everyday, leaks } = record;
  console.log(`${record.version}: ${await writeCorpora(record)}`);
  console.log(`${Object.keys(everyday.blocked).length} of ${everyday.requests} everyday requests blocked`);
  console.log(`${leaks.caught} of ${leaks.requests} leaks caught`);
  process.exit(0);
}
const contract = await recordContract([taken.path], taken.image);
console.log(`${contract.version}: ${await writeContract(contract)}`);
if (before) {
  const { matters, words } = compareContracts(before, contract);
  for (const line of words) console.log(`words    ${line}`);
  for (const line of matters) console.log(`matters  ${line}`);
  console.log(
    `Against ${before.version}: ${matters.length} differences that matter, ${words.length} in words`,
  );
  if (matters.length > 0) process.exit(1);
}
process.exit(0);
