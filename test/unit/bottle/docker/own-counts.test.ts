import { expect, test } from "bun:test";
import { countsApart } from "../../../../src/bottle/docker/own-counts.ts";

const alone = { runtime: undefined, securityOptions: ["name=seccomp,profile=default", "name=apparmor"] };

test.each([
  ["the host's own kernel", alone, false],
  ["gVisor, which has counts of its own", { ...alone, runtime: "runsc" }, true],
  ["userns-remap", { ...alone, securityOptions: ["name=seccomp", "name=userns"] }, true],
  ["a rootless engine", { ...alone, securityOptions: ["name=rootless", "name=cgroupns"] }, true],
])("what a user takes under %s is counted apart: %j", (_, kernel, isApart) => {
  expect(countsApart(kernel)).toBe(isApart);
});
