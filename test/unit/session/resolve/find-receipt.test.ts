/** Which record of a session a word means. */
import { expect, test } from "bun:test";
import { writeReceipt } from "../../../../src/host/session-records.ts";
import { stateFolder } from "../../../../src/host/state.ts";
import { findRecord } from "../../../../src/session/resolve/find-receipt.ts";
import { failureOf } from "../../../support/failure.ts";
import { aReceipt } from "../../../support/receipts.ts";
import type { World } from "../../../../src/host/world.ts";
import { aWorld } from "../../../support/temporary.ts";

/** One a minute, the last one is the newest */
async function withRecords(...sessions: readonly string[]) {
  const world = await aWorld();
  for (const [minute, session] of sessions.entries()) {
    const startedAt = new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
    await writeReceipt(stateFolder(world), aReceipt({ session, bottleName: `mender-${session}`, startedAt }));
  }
  return world as unknown as World;
}

test("a word that several begin with is answered with the newest of them, and with how many more there are", async () => {
  const world = await withRecords("aaa111", "bbb222");
  expect((await findRecord(world, "mender-a")).session).toBe("aaa111");
  const two = await failureOf(findRecord(world, "mender"));
  expect(two.message).toBe('Cannot tell which session "mender" is: 2 match');
  expect(two.details).toEqual(["Newest first: mender-bbb222, mender-aaa111"]);
  const many = await withRecords("a1", "a2", "a3", "a4", "a5", "a6", "a7");
  expect((await failureOf(findRecord(many, "mender"))).details).toEqual([
    "Newest first: mender-a7, mender-a6, mender-a5, mender-a4, mender-a3 and 2 older",
  ]);
});

test("no word, and one that nothing begins with, find none", async () => {
  const world = await withRecords("aaa111");
  for (const word of ["", "x"])
    expect((await failureOf(findRecord(world, word))).message).toContain("there is none of that name");
});
