/**
 * Both laws, tried on repositories and agents that chance made: see test/support/laws. It is always the same chance here; more of it comes by
 * hand, from `bun scripts/laws.ts`.
 */
import { describe, expect, test } from "bun:test";
import { aFolder } from "../support/temporary.ts";
import { generate } from "../support/laws/generate.ts";
import { referenceBottles } from "../support/laws/reference.ts";
import { kindsOf, runMany, shrinkOutcome } from "../support/laws/run-many.ts";
import { renderScript } from "../support/laws/script.ts";

const seed = 1;
const count = 160;
const perTest = 10;
/** Of one test; a machine may be busy with others */
const timeLimit = 10 * 60_000;

const batches = Array.from({ length: count / perTest }, (_, index) => ({
  first: index * perTest + 1,
  last: (index + 1) * perTest,
}));

const makeCases = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => generate(seed, first + index));

describe("what comes out of a bottle is what git would have left", () => {
  test.each(batches)(
    "cases $first to $last",
    async ({ first, last }) => {
      const parent = await aFolder();
      const outcomes = await runMany(makeCases(first, last), { parent });
      const failed = outcomes.filter((one) => one.failures.length > 0);
      const lines = failed.map(({ one, failures }) => `case ${one.number}: ${kindsOf(failures).join(", ")}`);
      const [worst] = failed;
      if (worst) {
        const [kind = ""] = kindsOf(worst.failures);
        const { one, failures } = await shrinkOutcome(worst, kind, { parent }, 25);
        // What it failed of at first may not come again
        lines.push(...worst.failures.map(({ kind: what, detail }) => `${what}: ${detail}`));
        lines.push(renderScript(one, failures));
      }
      expect(lines.join("\n")).toBe("");
    },
    timeLimit,
  );
});

describe("the laws themselves", () => {
  test(
    "are fulfilled by a plain copy",
    async () => {
      const cases = makeCases(1, 20);
      const outcomes = await runMany(cases, { parent: await aFolder(), bottles: referenceBottles });
      const faults = outcomes.flatMap(({ one, failures }) =>
        failures
          // A copy has everything, and git itself runs what a repository names
          .filter(({ kind }) => !["rest:thrown-away", "rest:local-edit", "rest:executed"].includes(kind))
          .map(({ kind, detail }) => `case ${one.number}: ${kind}: ${detail}`),
      );
      expect(faults).toEqual([]);
    },
    timeLimit,
  );
});
