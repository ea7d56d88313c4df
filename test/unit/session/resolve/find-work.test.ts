/** Which session a word means, of those whose work is in a bottle, kept on the engine, or on this machine. */
import { describe, expect, test } from "bun:test";
import type { JournalEntry } from "../../../../src/protocol/journal-entry.ts";
import type { Receipt } from "../../../../src/protocol/receipt.ts";
import { writeReceipt } from "../../../../src/host/session-records.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import type { World } from "../../../../src/host/world.ts";
import { findSession } from "../../../../src/session/resolve/find-session.ts";
import { findWork } from "../../../../src/session/resolve/find-work.ts";
import { failureOf } from "../../../support/failure.ts";
import { aJournalEntry, writeEntries } from "../../../support/journal-entries.ts";
import { aReceipt } from "../../../support/receipts.ts";
import { aWorld } from "../../../support/temporary.ts";

/** At no terminal */
async function withSessions(entries: readonly JournalEntry[], receipts: readonly Receipt[] = []) {
  const world = { ...(await aWorld()), stdin: { isTTY: false }, stderr: { isTTY: false } };
  await writeEntries(stateFolder(world), entries);
  for (const receipt of receipts) await writeReceipt(stateFolder(world), receipt);
  return world as unknown as World;
}

const one = aJournalEntry({ session: "aaa111", state: "kept" });
const other = aJournalEntry({ session: "bbb222", bottleName: "review-bbb222" });

describe("findSession()", () => {
  test.each(["hello-aaa111", "aaa111", "h", "hello-a"])("takes %p", async (typed) => {
    const { entry, isRunning } = await findSession(await withSessions([one, other]), typed);
    expect([entry.session, isRunning]).toEqual(["aaa111", false]);
  });

  test("takes a whole name before those that it is the beginning of", async () => {
    const longer = aJournalEntry({ session: "ccc333", bottleName: "hello-aaa1112" });
    const { entry } = await findSession(await withSessions([longer, one]), "hello-aaa111");
    expect(entry.session).toBe("aaa111");
  });

  test("takes no word for two, none for no word, and no beginning of an id", async () => {
    const world = await withSessions([one, aJournalEntry({ session: "ccc333" })]);
    expect((await failureOf(findSession(world, "hello"))).message).toBe(
      'Cannot tell which bottle "hello" is: 2 names match',
    );
    const alone = await withSessions([one]);
    for (const typed of ["", "aaa"])
      expect((await failureOf(findSession(alone, typed))).message).toStartWith("Cannot find bottle");
  });
});

describe("findWork()", () => {
  test("without a word takes the only one that holds work", async () => {
    const idle = [
      aJournalEntry({ session: "ccc333", state: "starting" }),
      aJournalEntry({ session: "ddd444", isProbe: true }),
      aJournalEntry({ session: "eee555", state: "brought" }),
    ];
    expect(await findWork(await withSessions([one, ...idle]), undefined)).toMatchObject({
      state: "here",
      entry: { session: "aaa111" },
    });
  });

  test("without a word names those that it could be, where it cannot ask", async () => {
    const two = await failureOf(findWork(await withSessions([one, other]), undefined));
    expect(two.message).toBe("Cannot tell whose work is meant: none is named");
    expect(two.details.join().replace("With work: ", "").split(", ").toSorted()).toEqual([
      "hello-aaa111",
      "review-bbb222",
    ]);
    const none = await failureOf(findWork(await withSessions([]), undefined));
    expect(none.details).toEqual(["No bottle holds work"]);
  });

  test("takes what is in a bottle before what has ended, and what has ended by a beginning of its id too", async () => {
    const world = await withSessions(
      [one],
      [aReceipt({ session: "aaa222" }), aReceipt({ session: "fff666" })],
    );
    expect(await findWork(world, "hello-aaa")).toMatchObject({ state: "here", entry: { session: "aaa111" } });
    expect(await findWork(world, "fff")).toMatchObject({ state: "ended", receipt: { session: "fff666" } });
    expect(await findWork(world, "hello-fff")).toMatchObject({ receipt: { session: "fff666" } });
  });

  test("of work that has been brought knows the session alone", async () => {
    const brought = aJournalEntry({ session: "aaa111", state: "brought" });
    const world = await withSessions([brought], [aReceipt({ session: "aaa111" })]);
    expect(await findWork(world, "hello-aaa111")).toMatchObject({ state: "ended" });
  });

  test("names what has work where the word is known nowhere", async () => {
    const world = await withSessions([one], [aReceipt({ session: "fff666" })]);
    expect((await failureOf(findWork(world, "nothing"))).details).toEqual(["With work: hello-aaa111"]);
  });
});
