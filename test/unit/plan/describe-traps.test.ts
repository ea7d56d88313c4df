import { expect, test } from "bun:test";
import { describeTraps, planCanaries, trapsPolicy } from "../../../src/plan/describe-traps.ts";
import { aBottle, aManifest, problemsOf } from "../../support/manifests.ts";

const all = ["aws", "github", "npm", "ssh", "env"];

test("each kind has its place, which is said", () => {
  const canaries = planCanaries(aBottle({ canaries: all }));
  expect(canaries.map((one) => one.place)).toEqual([
    ".aws/credentials",
    ".git-credentials",
    ".npmrc",
    ".ssh/id_ed25519_deploy",
    ".env.production",
  ]);
  expect(describeTraps({ canaries })[2]).toEqual([
    "npm",
    "~/.npmrc",
    "made up for this session; if it is about to leave, the bottle is frozen",
  ]);
  expect(trapsPolicy({ canaries })).toEqual(["canaries aws env github npm ssh"]);
  expect(planCanaries(aBottle({}))).toEqual([]);
});

test("what the manifest gives at a place goes first", () => {
  const bottle = aBottle({ canaries: all });
  const canaries = planCanaries(bottle, [{ target: "~/.npmrc" }, { target: "~/.aws/" }]);
  expect(canaries.map((one) => one.obstacle)).toEqual([
    "the bottle is given ~/.aws/",
    undefined,
    "the bottle is given ~/.npmrc",
    undefined,
    undefined,
  ]);
  expect(trapsPolicy({ canaries })).toEqual(["canaries env github ssh"]);
  expect(describeTraps({ canaries })[0]?.[2]).toBe("not planted: the bottle is given ~/.aws/");
});

test("kinds add up over what a bottle stands on, and one is named once", () => {
  const bottles = { base: { canaries: ["aws", "npm"] }, dev: { extends: "base", canaries: ["npm", "env"] } };
  expect(aManifest({ bottles }).bottles.get("dev")?.canaries).toEqual(["aws", "npm", "env"]);
  expect(problemsOf({ bottles: { dev: { canaries: ["aws", "aws"] } } })[0]).toContain("lists a kind twice");
  expect(problemsOf({ bottles: { dev: { canaries: ["gold"] } } })[0]).toContain("gold");
});
