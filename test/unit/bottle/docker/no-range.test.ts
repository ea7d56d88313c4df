import { expect, test } from "bun:test";
import { noRange } from "../../../../src/bottle/docker/networks.ts";
import { EngineError } from "../../../../src/engine/engine-error.ts";
import { ranges } from "../../../../src/plan/subnets.ts";

test("noRange() names every range, what the engine said, and what to do", () => {
  const state = "Pool overlaps with other one on this address space";
  const refusal = new EngineError({ action: 'create network "x"', state, status: 403 });
  const error = noRange(refusal);
  expect(error.code).toBe("engine-refused");
  expect(error.exitCode).toBe(125);
  for (const range of ranges) expect(error.message).toContain(range);
  expect(error.message).toContain("the engine refused each one that was tried");
  expect(error.details).toEqual([`Cannot create network "x": ${state}`]);
  expect(error.hint).toContain('"claude-bottle cleanup"');
  expect(error.cause).toBe(refusal);
});
