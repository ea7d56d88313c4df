import type { Receipt } from "../../../src/protocol/receipt.ts";
import { describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  findReceipt,
  keptDays,
  listReceipts,
  pruneRecords,
  updateReceipt,
  writeReceipt,
} from "../../../src/host/session-records.ts";
import { aReceipt } from "../../support/receipts.ts";
import { aFolder } from "../../support/temporary.ts";

const now = Date.parse("2026-06-01T00:00:00.000Z");

const begun = (session: string, daysAgo: number): Receipt =>
  aReceipt({ session, startedAt: new Date(now - daysAgo * 24 * 60 * 60_000).toISOString(), end: "running" });

describe("records of sessions", () => {
  test("are listed newest first and changed in part", async () => {
    const folder = await aFolder();
    await writeReceipt(folder, begun("old", 2));
    await writeReceipt(folder, begun("new", 1));
    await updateReceipt(folder, "old", { end: "ended", exitCode: 0 });
    await updateReceipt(folder, "none", { end: "ended" });
    expect((await listReceipts(folder)).map(({ session, end }) => [session, end])).toEqual([
      ["new", "running"],
      ["old", "ended"],
    ]);
    expect(await findReceipt(folder, "../old")).toBeUndefined();
    expect(await findReceipt(folder, "none")).toBeUndefined();
  });

  test("go when they are old, unless their work is still kept", async () => {
    const folder = await aFolder();
    for (const [session, days] of [
      ["a", 1],
      ["b", keptDays + 1],
      ["c", keptDays + 1],
    ] as const)
      await writeReceipt(folder, begun(session, days));
    expect(await pruneRecords(folder, new Set(["c"]), now)).toEqual(["b"]);
    expect((await readdir(join(folder, "sessions"))).toSorted()).toEqual(["a", "c"]);
  });
});
