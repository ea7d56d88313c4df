import { expect, test } from "bun:test";
import { showBottle } from "../../../src/cli/render/show-bottle.ts";
import { command as show } from "../../../src/cli/commands/show.ts";
import { writeReceipt } from "../../../src/host/session-records.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { anEgressRecord, recordStream } from "../../support/egress-records.ts";
import { aJournalEntry, aRunningBottle, writeEntries } from "../../support/journal-entries.ts";
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

test("of a bottle that runs it is shown where its secrets went, once one has been used", async () => {
  const secret = {
    name: "TOKEN",
    host: "git\u001b[2J.test",
    verdict: "used",
    count: 2,
    first: "t",
    time: "t",
  } as const;
  const shown = async (records: Parameters<typeof recordStream>[0]) => {
    const bottles = { list: async () => [aRunningBottle()], readEgress: () => recordStream(records) };
    const { app, run } = await aCommandHome({}, bottles);
    await writeEntries(stateFolder(app.world), [aJournalEntry()]);
    const command = { run: async () => void expect(await showBottle(app, "hello")).toBe(true) };
    return (await run(command, {})).stdout;
  };
  expect(await shown([])).toEndWith("none has been used yet\n");
  const used = await shown([anEgressRecord({ kind: "secret", secret })]);
  expect(used).toMatch(/\n {2}TOKEN .*git.*2/);
  expect(used).not.toContain("\u001b");
});

test("a name that is no bottle's is told as such, without an engine too", async () => {
  for (const list of [async () => [], () => Promise.reject(new Error("away"))])
    expect(await showBottle((await aCommandHome({}, { list })).app, "hello")).toBe(false);
});
