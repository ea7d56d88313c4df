import { expect, test } from "bun:test";
import type { LawCase, Step } from "../../../support/laws/case.ts";
import { shrink } from "../../../support/laws/shrink.ts";

const steps = (first: number, count: number): Step[] =>
  Array.from({ length: count }, (_, index) => ({
    title: `${first + index}`,
    script: ":",
    at: first + index,
  }));

const one: LawCase = { seed: 1, number: 1, state: steps(1, 9), work: steps(10, 6) };

const timesOf = ({ state, work }: LawCase) => [...state, ...work].map((step) => step.at);

test("leaves the layout and what the failure needs", async () => {
  const smaller = await shrink(one, (some) =>
    Promise.resolve([8, 12].every((at) => timesOf(some).includes(at))),
  );
  expect(timesOf(smaller)).toEqual([1, 8, 12]);
});

test("leaves out of the work what only a part of the state needed", async () => {
  const fails = (some: LawCase) => {
    const left = timesOf(some);
    return Promise.resolve(left.includes(15) && (!left.includes(5) || left.includes(11)));
  };
  expect(timesOf(await shrink(one, fails))).toEqual([1, 15]);
});

test("gives the case itself if it fails as a whole only", async () => {
  expect(await shrink(one, (some) => Promise.resolve(timesOf(some).length === 15))).toEqual(one);
});

test("asks no more often than it is told", async () => {
  let asked = 0;
  const fails = () => {
    asked += 1;
    return Promise.resolve(false);
  };
  await shrink(one, fails, 5);
  expect(asked).toBe(5);
});
