import { expect, test } from "bun:test";
import { command } from "../../../src/cli/commands/sessions.ts";
import { writeReceipt } from "../../../src/host/session-records.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { aReceipt } from "../../support/receipts.ts";
import { aCommandHome } from "../../support/run-command.ts";

test.each([
  [{ end: "running", isFrozen: true }, "frozen"],
  [{ end: "running", isFrozen: false }, "running"],
  [{ end: "running" }, "running"],
  [{ end: "ended", isFrozen: true }, "ended"],
] as const)("a session of %j is shown as %s", async (state, word) => {
  const { run, app } = await aCommandHome({}, {});
  await writeReceipt(stateFolder(app.world), aReceipt({ ...state, exitCode: undefined }));
  const { stdout } = await run(command, {});
  expect(stdout.split("\n")[1]?.split(/ {2,}/)[3]).toBe(word);
});
