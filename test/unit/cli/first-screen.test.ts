import { describe, expect, test } from "bun:test";
import { hasRunningBottles } from "../../../src/cli/first-screen.ts";
import { readProcessIdentity } from "../../../src/host/process-identity.ts";
import { stateFolder } from "../../../src/host/state.ts";
import type { App } from "../../../src/session/app.ts";
import type { JournalEntry } from "../../../src/protocol/journal-entry.ts";
import { aJournalEntry, writeEntries } from "../../support/journal-entries.ts";
import { aWorld } from "../../support/temporary.ts";

/** Whether a program without a word shows bottles, with these entries and this terminal. */
async function ask(entries: readonly JournalEntry[], isTTY = true): Promise<boolean> {
  const world = await aWorld();
  await writeEntries(stateFolder(world), entries);
  const app = { world: { ...world, stdin: { isTTY }, stdout: { isTTY } } } as unknown as App;
  return hasRunningBottles(() => Promise.resolve(app));
}

describe("hasRunningBottles()", async () => {
  const owner = await readProcessIdentity(process.pid);

  test("is true at a terminal where a launcher of this user lives", async () => {
    expect(await ask([aJournalEntry({ owner })])).toBe(true);
  });

  test.each([
    ["there is none", []],
    ["its launcher is gone", [aJournalEntry()]],
    ["it is a probe", [aJournalEntry({ owner, isProbe: true })]],
    ["its work is kept and it has ended", [aJournalEntry({ owner, state: "kept" as const })]],
  ])("is false where %s", async (_name, entries) => {
    expect(await ask(entries)).toBe(false);
  });

  test("is false where nobody sits, and where the environment is no sound one", async () => {
    expect(await ask([aJournalEntry({ owner })], false)).toBe(false);
    const broken = () => {
      throw new Error("HOME is no path");
    };
    expect(await hasRunningBottles(broken)).toBe(false);
  });
});
