import type { Bottles } from "../../../src/bottle/bottles.ts";
import { describe, expect, test } from "bun:test";
import { readdir, writeFile } from "node:fs/promises";
import type { Leftover } from "../../../src/bottle/bottle.ts";
import type { App } from "../../../src/session/app.ts";
import { command } from "../../../src/cli/commands/cleanup.ts";
import { findJournal, writeJournal } from "../../../src/host/journal.ts";
import { aFolder } from "../../support/temporary.ts";

const leftovers: Leftover[] = [
  { kind: "network", id: "n", name: "claude-bottle-hello-abc-egress", session: "abc", holdsWork: false },
  { kind: "volume", id: "v", name: "claude-bottle-hello-abc-work", session: "abc", holdsWork: true },
];

async function cleanUp(args: Readonly<Record<string, boolean>>, found: readonly Leftover[], lock?: string) {
  const home = await aFolder();
  const state = `${home}/.local/state/claude-bottle`;
  await writeJournal(state, {
    schema: 1,
    session: "abc",
    bottleName: "hello-abc",
    agent: "hello",
    owner: { bootId: "x", pid: 1, startTime: "1" },
    environment: {},
    workspace: undefined,
    hasTranscript: true,
    state: "kept",
    problem: "no space \u001b[31m",
    startedAt: "2026-01-01T00:00:00.000Z",
  });
  if (lock !== undefined) await writeFile(`${state}/journal/abc.json.lock`, lock);
  let written = "";
  const stream = { write: (text: string) => (written += text) };
  const removed: string[] = [];
  const bottles: Partial<Bottles> = {
    findLeftovers: () => Promise.resolve(found),
    listWork: () =>
      Promise.resolve([{ session: "abc", bottleName: "hello-abc", agent: "hello", isOwned: false }]),
    removeLeftovers: async (some) => {
      removed.push(...some.map((one) => one.id));
      return [];
    },
    findKeptData: () =>
      Promise.resolve([
        { kind: "volume", id: "d", name: "data-of-db", session: "", holdsWork: false, bytes: 3072 },
      ]),
    listTrees: () =>
      Promise.resolve([{ key: "k", name: "c0ffee", madeAt: "2026-01-01T00:00:00.000Z", bytes: 2048 }]),
    removeTrees: async (some) => {
      removed.push(...some.map((one) => one.name));
      return [];
    },
  };
  const app = {
    world: { env: {}, home, stdout: stream, stderr: stream },
    selfCommand: [],
    openBottles: () => Promise.resolve(bottles),
  } as unknown as App;
  await command.run?.({ args, rawArgs: [], cmd: command, data: { app, rest: [] } } as never);
  const staleFiles = (await readdir(`${state}/journal`)).filter((name) => !name.endsWith(".json"));
  return { written, removed, staleFiles, entry: await findJournal(state, "abc") };
}

describe("cleanup", () => {
  test("removes what is left over and leaves work that was not pulled, and says so", async () => {
    const { written, removed, entry } = await cleanUp({ yes: true }, leftovers);
    expect(removed).toEqual(["n"]);
    expect(written).toContain("Work of hello-abc is kept (no space \\x1b[31m)");
    expect(written).toContain("claude-bottle pull hello-abc");
    expect(entry).toBeDefined();
  });

  test("does not call kept work nothing", async () => {
    const { written, removed } = await cleanUp({ yes: true }, leftovers.slice(1));
    expect(removed).toEqual([]);
    expect(written).toContain("Nothing else is left over");
  });

  test("with --json lists and removes nothing without --yes", async () => {
    const { written, removed } = await cleanUp({ json: true }, leftovers.slice(0, 1));
    expect(removed).toEqual([]);
    expect(written).toContain('"kind": "network"');
    expect(written).toContain("Nothing was removed");
  });

  test("with --json writes a name so that a terminal obeys nothing in it", async () => {
    const hostile = leftovers.slice(0, 1).map((one) => ({ ...one, name: "a\u009b31m\u202eb" }));
    const { written } = await cleanUp({ json: true }, hostile);
    expect(written).toContain('"name": "a\\u009b31m\\u202eb"');
  });

  test("shows and removes what a killed process left beside the journal", async () => {
    const { written, staleFiles } = await cleanUp({ yes: true }, [], "not an identity");
    expect(written).toContain("abc.json.lock");
    expect(staleFiles).toEqual([]);
  });

  test.each([
    ["data", "d", /data-of-db +3\.0 KiB/],
    ["setups", "c0ffee", /c0ffee +made on 2026-01-01, 2\.0 KiB/],
  ])("with --%s removes what is kept of it, and not without", async (flag, id, shown) => {
    const { written, removed } = await cleanUp({ yes: true, [flag]: true }, leftovers);
    expect(removed.toSorted()).toEqual([id, "n"].toSorted());
    expect(written).toMatch(shown);
    expect((await cleanUp({ yes: true }, leftovers)).removed).toEqual(["n"]);
  });

  test("gives work up only when told to, and forgets it then", async () => {
    const { removed, entry } = await cleanUp({ yes: true, "discard-work": true }, leftovers);
    expect(removed).toEqual(["n", "v"]);
    expect(entry).toBeUndefined();
  });
});
