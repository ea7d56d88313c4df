import { expect, test } from "bun:test";
import { command as freeze } from "../../../src/cli/commands/freeze.ts";
import { command as thaw } from "../../../src/cli/commands/thaw.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { aJournalEntry, aRunningBottle, writeEntries } from "../../support/journal-entries.ts";
import { aCommandHome } from "../../support/run-command.ts";

const manifest = '{ "bottles": { "b": {} }, "agents": { "hello": { "bottle": "b" } } }\n';

async function aHome(takesCommands: boolean) {
  const acts: string[] = [];
  const made = await aCommandHome(
    { "claude-bottle.json": manifest },
    {
      list: async () => [aRunningBottle()],
      freeze: async (session) => {
        acts.push(`freeze ${session}`);
        return { bottle: `hello-${session}`, takesCommands };
      },
      thaw: async (session) => {
        acts.push(`thaw ${session}`);
        return `hello-${session}`;
      },
    },
  );
  await writeEntries(stateFolder(made.app.world), [aJournalEntry()]);
  return { ...made, acts };
}

test("freeze says how to go on, and whether it can be looked at", async () => {
  const { run, acts } = await aHome(true);
  const { stderr } = await run(freeze, { bottle: "hello" });
  expect(stderr).toBe(
    "hello-k3f9q2 is frozen: its processes are stopped and its connections were closed.\n" +
      "Continue: claude-bottle thaw hello-k3f9q2. End it, with its work pulled: claude-bottle stop hello-k3f9q2\n",
  );
  expect(acts).toEqual(["freeze k3f9q2"]);
  const paused = await aHome(false);
  expect((await paused.run(freeze, { bottle: "hello" })).stderr).toContain("no command can be run in it");
});

test("thaw lets it go on", async () => {
  const { run, acts } = await aHome(true);
  expect((await run(thaw, { bottle: "hello" })).stderr).toContain("hello-k3f9q2 goes on");
  expect(acts).toEqual(["thaw k3f9q2"]);
});
