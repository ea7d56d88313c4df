import { describe, expect, test } from "bun:test";
import { Transform } from "node:stream";
import { Picker } from "../../../../scripts/lib/fuzz/picker.ts";
import { runTrials } from "../../../../scripts/lib/fuzz/run-trials.ts";
import { findTelling, fuzzer, makeCase } from "../../../../scripts/lib/fuzz/scrub.ts";
import { makeLeakyStream, passThrough } from "../../../support/scrubbing.ts";

describe("the fuzzer of what takes secrets out of answers", () => {
  test("finds nothing in some trials", async () => {
    const seed = Date.now() % 1_000_000;
    expect((await runTrials(fuzzer, { seed, count: 40 })).failures).toEqual([]);
  });

  test("the control: finds what tells where the end of a piece is held back if the secret begins so", async () => {
    let telling = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const { secret, rival, pieces } = makeCase(new Picker(seed), false);
      const leak = (value: string) => passThrough(pieces, makeLeakyStream(value, "", Transform), () => 0);
      if (findTelling(await leak(secret), await leak(rival)) !== undefined) telling += 1;
    }
    expect(telling).toBeGreaterThan(10);
  });
});
