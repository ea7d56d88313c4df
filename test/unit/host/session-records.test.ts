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
import type { Receipt } from "../../../src/host/session-records.ts";
import { aFolder } from "../../support/temporary.ts";

const now = Date.parse("2026-06-01T00:00:00.000Z");

function aReceipt(session: string, daysAgo: number): Receipt {
  return {
    schema: 1,
    session,
    bottleName: `hello-${session}`,
    agent: "hello",
    bottle: "b",
    policyDigest: "d",
    image: "i",
    versions: { claudeBottle: "1", claude: "2", engine: "3" },
    runtime: "runc",
    workspace: undefined,
    secrets: [],
    startedAt: new Date(now - daysAgo * 24 * 60 * 60_000).toISOString(),
    endedAt: undefined,
    end: "running",
    exitCode: undefined,
    note: undefined,
    reached: [],
    refused: [],
    broughtBack: [],
    files: [],
    claudeSession: undefined,
    problems: [],
  };
}

describe("records of sessions", () => {
  test("are listed newest first and changed in part", async () => {
    const folder = await aFolder();
    await writeReceipt(folder, aReceipt("old", 2));
    await writeReceipt(folder, aReceipt("new", 1));
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
      await writeReceipt(folder, aReceipt(session, days));
    expect(await pruneRecords(folder, new Set(["c"]), now)).toEqual(["b"]);
    expect((await readdir(join(folder, "sessions"))).toSorted()).toEqual(["a", "c"]);
  });
});
