import { describe, expect, test } from "bun:test";
import type { App } from "../../../src/session/app.ts";
import { command } from "../../../src/cli/commands/stop.ts";
import { removeJournal } from "../../../src/host/journal.ts";
import { stateFolder } from "../../../src/host/state.ts";
import { failureOf } from "../../support/failure.ts";
import { aJournalEntry, aRunningBottle, writeEntries } from "../../support/journal-entries.ts";
import { aWorld } from "../../support/temporary.ts";

/** Runs it without a terminal, with these bottles of the user's; gives which of them were ended. */
async function stop(names: readonly string[], args: { readonly all?: boolean; readonly _: string[] }) {
  const world = await aWorld();
  const folder = stateFolder(world);
  await writeEntries(
    folder,
    names.map((session) => aJournalEntry({ session })),
  );
  let written = "";
  const stream = { write: (text: string) => (written += text) };
  const ended: string[] = [];
  const bottles = {
    list: async () => names.map((session) => aRunningBottle({ session })),
    endAgent: async (session: string) => {
      ended.push(session);
      await removeJournal(folder, session);
    },
  };
  const app = {
    world: { ...world, stdin: { isTTY: false }, stdout: stream, stderr: stream },
    openBottles: async () => bottles,
  } as unknown as App;
  const run = async () =>
    command.run?.({ args, rawArgs: [], cmd: command, data: { app, rest: [] } } as never);
  return { run, ended, written: () => written };
}

describe("stop", () => {
  test.each([[["aaa111"]], [["aaa111", "bbb222"]]])(
    "without a name and without a terminal stops none of %j",
    async (names) => {
      const { run, ended } = await stop(names, { _: [] });
      const { message, details, exitCode } = await failureOf(run());
      expect([message, exitCode]).toEqual(["Cannot tell which bottles to stop: none is named", 2]);
      expect(details).toEqual([`Running: ${names.map((name) => `hello-${name}`).join(", ")}`]);
      expect(ended).toEqual([]);
    },
  );

  test("stops what is named, by a unique prefix", async () => {
    const { run, ended, written } = await stop(["aaa111", "bbb222"], { _: ["hello-b"] });
    await run();
    expect(written()).toStartWith("Stopping hello-bbb222\n");
    expect(ended).toEqual(["bbb222"]);
  });

  test("stops all with --all, and takes no name beside it", async () => {
    const { run, ended } = await stop(["aaa111", "bbb222"], { _: [], all: true });
    await run();
    expect(ended.toSorted()).toEqual(["aaa111", "bbb222"]);
    const both = await stop(["aaa111"], { _: ["hello-aaa111"], all: true });
    expect((await failureOf(both.run())).message).toContain("there are names, and --all");
    expect(both.ended).toEqual([]);
  });

  test("says that nothing runs", async () => {
    const { run, written } = await stop([], { _: [] });
    await run();
    expect(written()).toBe("You have no running bottles.\n");
  });
});
