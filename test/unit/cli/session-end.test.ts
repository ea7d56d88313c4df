import { expect, test } from "bun:test";
import { renderResume } from "../../../src/cli/session-end.ts";

test("a session whose transcript was kept can be gone on with, and its id draws nothing", () => {
  expect(renderResume({ session: "k3f9q2", claudeSession: "4f" })).toEqual([
    "Go on:  claude-bottle resume k3f9q2",
  ]);
  expect(renderResume({ session: "k\u001b[2J", claudeSession: "4f" })[0]).not.toContain("\u001b");
  expect(renderResume({ session: "k3f9q2", claudeSession: undefined })).toEqual([]);
  expect(renderResume(undefined)).toEqual([]);
});
