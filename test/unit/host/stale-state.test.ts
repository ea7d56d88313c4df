import { expect, test } from "bun:test";
import { basename, join } from "node:path";
import { readProcessIdentity } from "../../../src/host/process-identity.ts";
import { listStaleState, removeStaleState } from "../../../src/host/stale-state.ts";
import { aFolder } from "../../support/temporary.ts";

test("locks of nobody and old drafts are stale; entries, locks of the living and new drafts are not", async () => {
  const mine = await readProcessIdentity(process.pid);
  const folder = await aFolder({
    "journal/a.json": "{}",
    "journal/a.json.lock": JSON.stringify(mine),
    "journal/b.json.lock": JSON.stringify({ ...mine, startTime: "1" }),
    "journal/c.json.lock": "half a l",
    "journal/d.json.5f.draft": "",
    "journal/a.screen": "",
    "journal/e.screen": "",
    "approvals.json": "{}",
    "approvals.json.5f.draft": "",
  });
  const names = async (now: number) =>
    (await listStaleState(folder, now)).map((path) => basename(path)).toSorted();
  expect(await names(Date.now())).toEqual(["b.json.lock", "c.json.lock", "e.screen"]);
  expect(await names(Date.now() + 3_600_000)).toEqual([
    "approvals.json.5f.draft",
    "b.json.lock",
    "c.json.lock",
    "d.json.5f.draft",
    "e.screen",
  ]);
  await removeStaleState([join(folder, "journal/b.json.lock")]);
  expect(await names(Date.now())).toEqual(["c.json.lock", "e.screen"]);
});
