import { expect, test } from "bun:test";
import { makeSecretReturns, mostReturned } from "../../../../src/sidecar/gate/bound-returns.ts";
import { Refusal } from "../../../../src/sidecar/gate/refusal.ts";

test("closes the way to a host that sent secrets back too often, and to no other", () => {
  const told: string[] = [];
  const returns = makeSecretReturns({ returned: (name, host) => told.push(`${name} ${host}`) });
  for (let count = 0; count < mostReturned; count += 1) returns.note(count % 2 === 0 ? "A" : "B", "h");
  returns.requireOpen("h");
  expect(() => returns.note("A", "h")).toThrow(Refusal);
  expect(() => returns.requireOpen("h")).toThrow(`more than ${mostReturned} times`);
  expect(told).toHaveLength(mostReturned + 1);
  returns.note("A", "other");
  returns.requireOpen("other");
  expect(told.at(-1)).toBe("A other");
});
