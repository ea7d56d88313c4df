import { expect, test } from "bun:test";
import { isMainDead } from "../../../../src/bottle/agent/dead-agent.ts";

const init = "1 (docker-init) S 0 1 1 0";
const shell = "40 (sh) R 0 40 40 0";

test("claude is dead when the oldest child of the first process is a zombie", () => {
  expect(isMainDead([init, "2 (node) Z 1 2 2 0", shell].join("\n"))).toBe(true);
  expect(isMainDead([init, "2 (a) Z 1 (b) Z 1 2 2 0", "31 (orphan) S 1 2 2 0"].join("\n"))).toBe(true);
});

test("claude lives while it is anything else, whatever became of others", () => {
  expect(isMainDead([init, "2 (node) S 1 2 2 0", "31 (child) Z 2 2 2 0", shell].join("\n"))).toBe(false);
  expect(isMainDead([init, "31 (orphan) Z 1 2 2 0", "2 (node) R 1 2 2 0"].join("\n"))).toBe(false);
  expect(isMainDead("")).toBe(false);
});
