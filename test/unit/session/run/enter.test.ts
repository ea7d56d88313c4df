import { expect, test } from "bun:test";
import { longestText } from "../../../../src/core/exec-limits.ts";
import type { App } from "../../../../src/session/app.ts";
import { enter } from "../../../../src/session/run/enter.ts";
import { failureOf } from "../../../support/failure.ts";

test("a command that no kernel takes is refused before an engine is asked for anything", async () => {
  const openBottles = () => Promise.reject(new Error("was asked"));
  const app = { world: { stdin: {}, stdout: {}, stderr: {} }, openBottles } as unknown as App;
  const refused = await failureOf(enter(app, "b", ["cat", "x".repeat(longestText + 1)]));
  expect(refused.message).toStartWith("Cannot pass argument 2: ");
});
