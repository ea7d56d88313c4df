import { describe, expect, test } from "bun:test";
import { describeSetup, makeSetupKey } from "../../../src/plan/describe-setup.ts";
import { effectivePolicy } from "../../../src/plan/policy.ts";
import { aBottle, aPlan, aSource } from "../../support/manifests.ts";

const wanted = { run: ["npm ci"], inputs: ["package-lock.json"], keep: ["node_modules"] };
const inputs = [{ path: "package-lock.json", digest: "a".repeat(64) }];
const parts = { directory: "/project", inputs, env: [] };
const key = makeSetupKey(wanted, parts);

describe("the key of a setup", () => {
  test("is that of everything that decides what comes out", () => {
    const env = aBottle({ env: { A: "1" } }).env;
    const others = [
      makeSetupKey({ ...wanted, run: ["npm ci", "true"] }, parts),
      makeSetupKey({ ...wanted, keep: ["other"] }, parts),
      makeSetupKey(wanted, { ...parts, inputs: [{ path: "package-lock.json", digest: "b".repeat(64) }] }),
      makeSetupKey(wanted, { ...parts, inputs: [{ path: "other.json", digest: "a".repeat(64) }] }),
      makeSetupKey(wanted, { ...parts, env }),
      makeSetupKey(wanted, { ...parts, directory: "/project2" }),
    ];
    expect(new Set([key, ...others]).size).toBe(7);
    expect(makeSetupKey(wanted, { ...parts })).toBe(key);
  });

  test("is not that of values that the commands do not see", () => {
    const bound = { value: "x".repeat(40), hosts: ["a.example.com"] };
    const egress = { allowlist: ["a.example.com"] };
    const { env } = aBottle({ egress, env: { A: "?", B: "${C}", D: bound } });
    expect(makeSetupKey(wanted, { ...parts, env })).toBe(key);
  });
});

describe("a setup in the plan", () => {
  test("is shown whole, with what happens at this start", () => {
    const setup = { ...wanted, inputs, key, source: aSource() };
    expect(describeSetup(aPlan({ wantedSetup: wanted, setup })).at(-1)).toBe("runs at this start");
    const kept = { ...setup, keptSince: "2026-11-30T17:00:01.000Z" };
    expect(describeSetup(aPlan({ wantedSetup: wanted, setup: kept })).at(-1)).toBe(
      "made on 2026-11-30 at 17:00 UTC, used as it is",
    );
    expect(describeSetup(aPlan({ wantedSetup: wanted })).at(-1)).toBe("does not run without a workspace");
    expect(describeSetup(aPlan({ wantedSetup: wanted }))[0]).toBe('runs "npm ci"');
    expect(describeSetup(aPlan())).toEqual([]);
  });

  test("is approved with each command, with a workspace or without, and whatever is kept", () => {
    const lines = effectivePolicy(aPlan({ wantedSetup: wanted })).filter((line) => line.startsWith("setup"));
    expect(lines).toEqual([
      'setup 1 runs "npm ci"',
      'setup depends on "package-lock.json"',
      'setup keeps "node_modules"',
    ]);
  });
});
