import type { JournalEntry } from "../../../src/protocol/journal-entry.ts";
import { describe, expect, test } from "bun:test";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  findJournal,
  listDead,
  listJournal,
  removeJournal,
  withSessionLock,
  writeJournal,
} from "../../../src/host/journal.ts";
import { readProcessIdentity } from "../../../src/host/process-identity.ts";
import { aFolder } from "../../support/temporary.ts";

async function anEntry(change: Partial<JournalEntry> = {}): Promise<JournalEntry> {
  return {
    schema: 1,
    session: "k3f9q2",
    bottleName: "hello-k3f9q2",
    agent: "hello",
    owner: await readProcessIdentity(process.pid),
    environment: {},
    workspace: undefined,
    hasTranscript: true,
    state: "running",
    startedAt: "2026-01-01T00:00:00.000Z",
    ...change,
  };
}

describe("the journal", () => {
  test("lists the oldest first, whatever the sessions are called", async () => {
    const folder = await aFolder();
    const days = { b: "2026-01-02", c: "2026-01-01", a: "2026-01-03" };
    for (const [session, day] of Object.entries(days))
      await writeJournal(folder, await anEntry({ session, startedAt: `${day}T00:00:00.000Z` }));
    expect((await listJournal(folder)).map((entry) => entry.session)).toEqual(["c", "b", "a"]);
  });

  test("gives back what was written, for the user alone", async () => {
    const folder = await aFolder();
    const entry = await anEntry();
    await writeJournal(folder, entry);
    expect(await findJournal(folder, "k3f9q2")).toEqual(JSON.parse(JSON.stringify(entry)));
    expect((await stat(join(folder, "journal/k3f9q2.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "journal"))).mode & 0o777).toBe(0o700);
    await writeFile(join(folder, "journal/k3f9q2.screen"), "");
    await writeFile(join(folder, "journal/k3f9q3.screen"), "");
    await removeJournal(folder, "k3f9q2");
    expect(await listJournal(folder)).toEqual([]);
    expect(await readdir(join(folder, "journal"))).toEqual(["k3f9q3.screen"]);
  });

  test("goes with what a killed writer left beside it, and with nobody's lock", async () => {
    const folder = await aFolder();
    await writeJournal(folder, await anEntry());
    const others = ["k3f9q2.json.lock", "k3f9q2x.json.1", "k3f9q3.json"];
    for (const name of ["k3f9q2.json.7f", "k3f9q2.json.lock.7f", ...others])
      await writeFile(join(folder, "journal", name), "");
    await removeJournal(folder, "k3f9q2");
    expect((await readdir(join(folder, "journal"))).toSorted()).toEqual(others);
  });

  test("takes no session's id for a path, and no other file for an entry", async () => {
    const folder = await aFolder({ "secret.json": "{}" });
    expect(await findJournal(folder, "../secret")).toBeUndefined();
    await writeJournal(folder, await anEntry());
    await writeFile(join(folder, "journal/other.json"), "not json");
    await writeFile(join(folder, "journal/abc.json"), JSON.stringify(await anEntry()));
    expect((await listJournal(folder)).map((entry) => entry.session)).toEqual(["k3f9q2"]);
  });

  test("lists as dead only what nobody looks after and what can be judged from here", async () => {
    const folder = await aFolder();
    const mine = await readProcessIdentity(process.pid);
    const owners: Record<string, JournalEntry["owner"]> = {
      live: mine,
      dead: { ...mine, startTime: "1" },
      boot: { ...mine, bootId: "earlier" },
      machine: { ...mine, startTime: "1", machineId: "another" },
      container: { ...mine, startTime: "1", pidNamespace: "1" },
    };
    for (const [session, owner] of Object.entries(owners))
      await writeJournal(folder, await anEntry({ session, owner }));
    await writeJournal(
      folder,
      await anEntry({ session: "kept", owner: { ...mine, startTime: "1" }, state: "kept" }),
    );
    const dead = (await listDead(folder)).map((entry) => entry.session).toSorted();
    expect(dead.filter((session) => session !== "machine" && session !== "container")).toEqual([
      "boot",
      "dead",
    ]);
    if (mine.pidNamespace) expect(dead).not.toContain("container");
    if (mine.machineId) expect(dead).not.toContain("machine");
  });
});

describe("withSessionLock()", () => {
  test("lets one in at a time", async () => {
    const folder = await aFolder();
    const inner = await withSessionLock(folder, "abc", process.pid, () =>
      withSessionLock(folder, "abc", process.pid, () => Promise.resolve("twice")),
    );
    expect(inner).toBeUndefined();
    expect(await withSessionLock(folder, "abc", process.pid, () => Promise.resolve("again"))).toBe("again");
    expect(await readdir(join(folder, "journal"))).toEqual([]);
  });

  test("takes over the lock of a dead process, and one that cannot be read", async () => {
    const folder = await aFolder({
      "journal/dead.json.lock": JSON.stringify({
        ...(await readProcessIdentity(process.pid)),
        startTime: "1",
      }),
      "journal/odd.json.lock": "odd",
    });
    expect(await withSessionLock(folder, "dead", process.pid, () => Promise.resolve(1))).toBe(1);
    expect(await withSessionLock(folder, "odd", process.pid, () => Promise.resolve(2))).toBe(2);
  });

  test("lets one in at a time also where many find the lock of a dead process", async () => {
    const dead = { ...(await readProcessIdentity(process.pid)), startTime: "1" };
    const folder = await aFolder({ "journal/abc.json.lock": JSON.stringify(dead) });
    let [inside, most, all] = [0, 0, 0];
    const contend = () =>
      withSessionLock(folder, "abc", process.pid, async () => {
        inside += 1;
        all += 1;
        most = Math.max(most, inside);
        await Bun.sleep(50);
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 12 }, contend));
    expect(all).toBeGreaterThan(0);
    expect(most).toBe(1);
    expect(await readdir(join(folder, "journal"))).toEqual([]);
  });

  test("is free again after a failure", async () => {
    const folder = await aFolder();
    const failing = withSessionLock(folder, "abc", process.pid, () => Promise.reject(new Error("no")));
    await expect(failing).rejects.toThrow("no");
    expect(await withSessionLock(folder, "abc", process.pid, () => Promise.resolve(1))).toBe(1);
  });
});
