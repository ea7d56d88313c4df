import { expect, test } from "bun:test";
import { command as show } from "../../../src/cli/commands/show.ts";
import { writeReceipt } from "../../../src/host/session-records.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { aReceipt } from "../../support/receipts.ts";
import { aCommandHome } from "../../support/run-command.ts";

const name = "evil\u001b[2J.test:443";

test("what was recorded of a session is shown to people without what would command a terminal, and whole as JSON", async () => {
  const { app, run } = await aCommandHome();
  const receipt = aReceipt({ refused: [name], exitCode: 3 });
  await writeReceipt(stateFolder(app.world), receipt);
  const { stdout } = await run(show, { session: "k3f9q2" });
  expect(stdout).not.toContain("\u001b");
  expect(stdout).toMatch(/^session +k3f9q2, bottle hello-k3f9q2$/m);
  expect(stdout).toMatch(/^ended .*exit code 3\)$/m);
  const json = (await run(show, { session: "k3f9q2", json: true })).stdout;
  expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(receipt)));
  expect(json).not.toContain("\u001b");
});
