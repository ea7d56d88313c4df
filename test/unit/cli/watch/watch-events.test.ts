import { expect, test } from "bun:test";
import { compareLooks } from "../../../../src/cli/watch/watch-events.ts";
import type { WatchedBottle } from "../../../../src/cli/watch/watched.ts";

const bottle = (name: string, more: Partial<WatchedBottle> = {}) =>
  ({
    name,
    session: `s-${name}`,
    agent: "a",
    state: "running",
    isOwned: true,
    activity: "working",
    refused: 0,
    soFar: { commits: 0, files: 1 },
    ...more,
  }) as WatchedBottle;

test("a bottle is told when it is new, when something of it changed, and when it is gone", () => {
  const one = bottle("one");
  expect(compareLooks([], [one])).toEqual([
    {
      event: "bottle",
      name: "one",
      session: "s-one",
      agent: "a",
      status: "working",
      commits: 0,
      files: 1,
      blocked: 0,
      asks: [],
    },
  ]);
  expect(compareLooks([one], [{ ...one }])).toEqual([]);
  expect(compareLooks([one], [bottle("one", { activity: "waiting" })])).toMatchObject([
    { status: "waiting" },
  ]);
  expect(compareLooks([one], [])).toEqual([{ event: "gone", name: "one", session: "s-one" }]);
});

test("memory and time are no news", () => {
  const one = bottle("one", { memoryBytes: 1 });
  expect(compareLooks([one], [{ ...one, memoryBytes: 2, createdAt: "later" }])).toEqual([]);
  const ask = { host: "a.test", port: 443, reason: "x", time: "1" };
  const asks = { ...one, asks: [ask] };
  expect(compareLooks([asks], [{ ...asks, asks: [{ ...ask, time: "2" }] }])).toEqual([]);
});
