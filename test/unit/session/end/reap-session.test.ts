/** What becomes of a session whose launcher is gone. */
import { expect, test } from "bun:test";
import type { Bottles } from "../../../../src/bottle/bottles.ts";
import { findJournal } from "../../../../src/host/journal.ts";
import { findReceipt, writeReceipt } from "../../../../src/host/session-records.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import type { JournalEntry } from "../../../../src/protocol/journal-entry.ts";
import type { Receipt } from "../../../../src/protocol/receipt.ts";
import type { App } from "../../../../src/session/app.ts";
import { reapSession } from "../../../../src/session/end/reap-session.ts";
import { aJournalEntry, writeEntries } from "../../../support/journal-entries.ts";
import { aReceipt } from "../../../support/receipts.ts";
import { aWorld } from "../../../support/temporary.ts";

/** Gives what was asked of the platform, in turn, and what the files say afterwards. */
async function reap(
  entry: JournalEntry | undefined,
  end: Receipt["end"] = "running",
  differences: Partial<Bottles> = {},
) {
  const world = await aWorld();
  const folder = stateFolder(world);
  const asked: string[] = [];
  const note = (what: string) => {
    asked.push(what);
    return Promise.resolve([]);
  };
  await writeEntries(folder, entry ? [entry] : []);
  await writeReceipt(folder, aReceipt({ end }));
  const bottles: Partial<Bottles> = {
    async *readSessionEgress() {},
    removeSession: (_, how) => note(how?.waits === false ? "end" : "remove"),
    collectWork: () => note("collect").then(() => undefined),
    discardWork: () => note("discard"),
    ...differences,
  };
  const lines = await reapSession({ world } as unknown as App, bottles as Bottles, "k3f9q2");
  const journal = await findJournal(folder, "k3f9q2");
  return { asked, lines, state: journal?.state, end: (await findReceipt(folder, "k3f9q2"))?.end };
}

test("what runs ends, its work is brought back, the rest goes, and the record says that its launcher was lost", async () => {
  expect(await reap(aJournalEntry())).toEqual({
    asked: ["end", "collect", "remove", "discard"],
    lines: [],
    state: undefined,
    end: "lost",
  });
});

test("one that had no time to begin has no work", async () => {
  const { asked, end } = await reap(aJournalEntry({ state: "starting" }));
  expect([asked, end]).toEqual([["end", "remove", "discard"], "lost"]);
});

test("work that was brought is not brought again; the record is ended if nobody has done so", async () => {
  const brought = aJournalEntry({ state: "brought" });
  expect(await reap(brought)).toEqual({
    asked: ["remove", "discard"],
    lines: [],
    state: undefined,
    end: "lost",
  });
  expect((await reap(brought, "ended")).end).toBe("ended");
});

test("of one that is in no journal the work stays where it is, and nothing is written", async () => {
  expect(await reap(undefined)).toMatchObject({ asked: ["remove"], end: "running" });
});

test("work that does not come through is kept, and why is said", async () => {
  const collectWork = () => Promise.reject(new Error("no such object"));
  expect(await reap(aJournalEntry(), "running", { collectWork })).toMatchObject({
    asked: ["end", "remove"],
    lines: ["no such object"],
    state: "kept",
  });
});
