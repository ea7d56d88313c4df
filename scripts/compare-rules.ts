/** `scripts/compare-rules`: see `--help`. */
import { readFile, rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { compareWith, fetchRules } from "./lib/compare-rules/betterleaks.ts";
import { makeTemporaryFolder } from "./lib/temporary-folder.ts";

const help = `scripts/compare-rules: which secrets another well-kept set knows that "inspect" does not

  scripts/compare-rules [--all]    compare with Betterleaks' rules that go by the beginning of a token; --all prints the known gaps too

The rules are fetched as a Go module, at a pinned version with a pinned sum; needs go. For each rule a few texts are made that it takes, and
"inspect" looks at them. The exit code is 1 if it misses those of a rule that is not among the known gaps.
`;

const { values } = parseArgs({
  options: {
    all: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const folder = await makeTemporaryFolder("compare-rules");
try {
  const result = compareWith(await readFile(await fetchRules(folder), "utf8"));
  for (const one of result.missed) console.log(`missed   ${one}`);
  if (values.all) for (const one of result.known) console.log(`known    ${one}`);
  for (const one of result.closed) console.log(`closed   ${one}: take it from the known gaps`);
  console.log(
    `${result.found} of ${result.rules} rules found; ${result.known.length} known gaps, ${result.missed.length} others`,
  );
  process.exitCode = result.missed.length + result.closed.length > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}
