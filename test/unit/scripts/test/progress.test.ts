import { expect, test } from "bun:test";
import { makeProgress, renderSeconds } from "../../../../scripts/lib/test/progress.ts";

const planned = [
  { tier: "unit", file: "a", seconds: 10, beside: 1 },
  { tier: "engine", file: "b", seconds: 30, beside: 2 },
  { tier: "engine", file: "c", seconds: 60, beside: 2 },
  { tier: "engine", file: "d", seconds: 5, beside: 1 },
];

test("progress is what is done of the tier, the time that has gone, and what is left at the pace so far", () => {
  let now = 100;
  const progress = makeProgress(planned, () => now);
  progress.beginTier("unit");
  progress.begin("a");
  expect(progress.render()).toBe("unit 0 of 1, 0 s gone: a");
  now += 5;
  // 5 of 60 seconds, at the pace that was expected
  expect(progress.render()).toBe("unit 0 of 1, 5 s gone, about 55 s left: a");
  now += 15;
  progress.end("a");
  progress.beginTier("engine");
  progress.begin("b");
  progress.begin("c");
  // Twice as slow as expected so far
  expect(progress.render()).toBe("engine 0 of 3, 20 s gone, about 1 min 40 s left: b, c");
  now += 60;
  progress.end("b");
  // 10 and 15 and 30
  expect(progress.render()).toBe("engine 1 of 3, 1 min 20 s gone, about 7 s left: c");
  now += 30;
  progress.end("c");
  progress.begin("d");
  now += 10;
  progress.end("d");
  expect(progress.render()).toBe("engine 3 of 3, 2 min 0 s gone, about 0 s left");
});

test.each([
  [0.4, "0 s"],
  [59.4, "59 s"],
  [61, "1 min 1 s"],
  [3_900, "1 h 5 min"],
])("%d seconds are written as %s", (seconds, text) => {
  expect(renderSeconds(seconds)).toBe(text);
});
