import { expect, test } from "bun:test";
import { renderResume, renderSessionEnd } from "../../../../src/session/end/session-end.ts";
import { aPlan } from "../../../support/manifests.ts";

test.each([
  [143, undefined, ['claude was told to end, as "claude-bottle stop" does']],
  [143, "out of memory", ["out of memory"]],
  [0, undefined, []],
])("an end with %i and the note %p", (exitCode, note, lines) => {
  const result = { exitCode, note, refused: [], incidents: [], secrets: [], isEngineLost: false };
  expect(renderSessionEnd(aPlan(), result)).toEqual(lines);
});

test("with --quiet only what ended it is told", () => {
  const refused = [{ host: "a.test", port: 443, reason: "not granted", count: 2 }];
  const result = {
    exitCode: 137,
    note: "out of memory",
    refused,
    incidents: [],
    secrets: [],
    isEngineLost: false,
  };
  expect(renderSessionEnd(aPlan(), result)).toHaveLength(4);
  expect(renderSessionEnd(aPlan(), result, true)).toEqual(["out of memory"]);
});

test("a session whose transcript was kept can be gone on with, and its id draws nothing", () => {
  expect(renderResume({ session: "k3f9q2", claudeSession: "4f" })).toEqual([
    "Continue:  claude-bottle resume k3f9q2",
  ]);
  expect(renderResume({ session: "k\u001b[2J", claudeSession: "4f" })[0]).not.toContain("\u001b");
  expect(renderResume({ session: "k3f9q2", claudeSession: undefined })).toEqual([]);
  expect(renderResume(undefined)).toEqual([]);
});
