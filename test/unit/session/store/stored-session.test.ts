import { expect, test } from "bun:test";
import { findJournal, listJournal } from "../../../../src/host/journal.ts";
import { findReceipt } from "../../../../src/host/session-records.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import type { World } from "../../../../src/host/world.ts";
import { StoredSession } from "../../../../src/session/store/stored-session.ts";
import { aJournalEntry } from "../../../support/journal-entries.ts";
import { aReceipt } from "../../../support/receipts.ts";
import { aFolder } from "../../../support/temporary.ts";

async function aStored() {
  const home = await aFolder();
  const world = { env: {}, home, pid: process.pid } as World;
  const entry = aJournalEntry({ state: "starting" });
  return { world, folder: stateFolder(world), stored: new StoredSession(world, entry) };
}

test("goes from its beginning to its end by name, and the files say where it is", async () => {
  const { stored, folder } = await aStored();
  const { session } = stored;
  const state = async () => (await findJournal(folder, session))?.state;
  const end = async () => (await findReceipt(folder, session))?.end;
  await stored.markStarting();
  expect([await state(), await end()]).toEqual(["starting", undefined]);
  await stored.markRunning(aReceipt({ session, end: "running" }));
  expect([await state(), await end(), stored.entry.state]).toEqual(["running", "running", "running"]);
  await stored.markKept("it is locked");
  expect(await findJournal(folder, session)).toMatchObject({ state: "kept", problem: "it is locked" });
  await stored.markBrought();
  expect(await state()).toBe("brought");
  await stored.noteEnded({ exitCode: 3 });
  expect(await findReceipt(folder, session)).toMatchObject({ end: "ended", exitCode: 3 });
  await stored.forget();
  expect([await listJournal(folder), await end()]).toEqual([[], "ended"]);
});

test("is left to one at a time", async () => {
  const { stored, world } = await aStored();
  const other = new StoredSession(world, stored.entry);
  expect(await stored.inTurn(async () => [await other.inTurn(async () => "both")])).toEqual([undefined]);
  expect(await other.inTurn(async () => "afterwards")).toBe("afterwards");
});

test("that nobody saw ending says so, and without a receipt nothing is made up", async () => {
  const { stored, folder } = await aStored();
  await stored.noteLost();
  expect(await findReceipt(folder, stored.session)).toBeUndefined();
  await stored.markRunning(aReceipt({ session: stored.session, end: "running" }));
  await stored.noteLost({ note: "the engine was lost" });
  expect(await stored.findReceipt()).toMatchObject({ end: "lost", note: "the engine was lost" });
});

test("says that it is frozen as it was told last, before it is said to have ended", async () => {
  const { stored, folder } = await aStored();
  const { session } = stored;
  // Nothing is made up, and nothing fails, without a receipt
  await stored.noteFrozen(true);
  expect(await findReceipt(folder, session)).toBeUndefined();
  await stored.markRunning(aReceipt({ session, end: "running" }));
  for (const isFrozen of [true, false, true]) void stored.noteFrozen(isFrozen);
  await stored.noteFrozen(false);
  expect(await findReceipt(folder, session)).toMatchObject({ end: "running", isFrozen: false });
  void stored.noteFrozen(true);
  await stored.noteEnded({ exitCode: 3 });
  expect(await findReceipt(folder, session)).toMatchObject({ end: "ended", isFrozen: true, exitCode: 3 });
});
