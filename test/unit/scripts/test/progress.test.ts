import { expect, test } from "bun:test";
import { makeProgress, renderSeconds } from "../../../../scripts/lib/test/progress.ts";

const planned = [
  { tier: "unit", file: "a", seconds: 10 },
  { tier: "engine", file: "b", seconds: 30 },
  { tier: "engine", file: "c", seconds: 60 },
];

test("progress is what is done of the tier, the time that has gone, and what is left at the pace so far", () => {
  let now = 100;
  const progress = makeProgress(planned, () => now);
  progress.beginTier("unit");
  progress.begin("a");
  expect(progress.render()).toBe("unit 0 of 1, 0 s gone: a");
  now += 20;
  progress.end("a");
  progress.beginTier("engine");
  progress.begin("b");
  progress.begin("c");
  // Twice as slow as expected so far
  expect(progress.render()).toBe("engine 0 of 2, 20 s gone, about 3 min 0 s left: b, c");
  now += 60;
  progress.end("b");
  expect(progress.render()).toBe("engine 1 of 2, 1 min 20 s gone, about 2 min 0 s left: c");
  now += 100;
  progress.end("c");
  expect(progress.render()).toBe("engine 2 of 2, 3 min 0 s gone, about 0 s left");
});

test.each([
  [0.4, "0 s"],
  [59.4, "59 s"],
  [61, "1 min 1 s"],
  [3_900, "1 h 5 min"],
])("%d seconds are written as %s", (seconds, text) => {
  expect(renderSeconds(seconds)).toBe(text);
});
