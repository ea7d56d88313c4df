import { expect, test } from "bun:test";
import { describeFailure, GateFailure } from "../../../../src/sidecar/gate/failure.ts";

test("a failure of ours is told in its own words", () => {
  expect(describeFailure(new GateFailure("pipelock is gone"))).toBe("pipelock is gone");
});

test("an error of the system is told, since it names only addresses and ports", () => {
  const error = Object.assign(new Error("listen EADDRINUSE: address already in use 0.0.0.0:8888"), {
    syscall: "listen",
  });
  expect(describeFailure(error)).toContain("EADDRINUSE");
});

test("what an unknown error quotes is not told", () => {
  for (const thrown of [new TypeError("Invalid header: canary-1"), "canary-1", { canary: "canary-1" }]) {
    expect(describeFailure(thrown)).not.toContain("canary-1");
  }
});
