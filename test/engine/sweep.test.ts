import { renderOwner } from "../../src/core/process-owner.ts";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { commandTable } from "../../src/cli/command-table.ts";
import { labelKeys, labelSchema } from "../../src/bottle/docker/labels.ts";
import { createNetwork } from "../../src/engine/networks.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { readProcessIdentity } from "../../src/host/process-identity.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { journalFolder, readJournal, waitUntil } from "../support/launcher.ts";
import { listLeft, makeSessionWorld, runCommand } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";

// Runs alone: cleanup removes what it finds on the engine of anybody whose launcher is gone, and other tests kill launchers
setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

/** Words that each command takes, so that it is not refused for its words; whether it can do what it is told does not matter */
const words: Readonly<Record<string, readonly string[]>> = {
  start: ["hello", "--dry-run"],
  run: ["hello", "--", "prompt"],
  attach: ["none"],
  stop: ["none"],
  exec: ["none", "--", "true"],
  cp: ["none:file", "."],
  shell: ["none"],
  logs: ["none"],
  port: ["none", "3000"],
  allow: ["none", "example.com"],
  deny: ["none", "example.com"],
  freeze: ["none"],
  thaw: ["none"],
  egress: ["none"],
  why: ["hello", "example.com"],
  learn: ["none"],
  diff: ["none"],
  pull: ["none"],
  merge: ["none"],
  memory: ["none"],
  show: ["none"],
  resume: ["none"],
  info: ["hello"],
  trust: ["hello", "--yes"],
  untrust: ["hello"],
  verify: ["none"],
  doctor: ["--json"],
  "self-update": ["--help"],
  completion: ["bash"],
  cleanup: ["--yes"],
};
/** Asks a server outside, which no test does; it comes by the same way as all others */
const leftOut = new Set(["self-update"]);

describe.skipIf(typeof found === "string")("what a power loss left", () => {
  let run: TestRun;
  const worlds: SessionWorld[] = [];

  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(async () => {
    await run.end();
    await Promise.all(worlds.map((world) => world.remove()));
  });

  /** A home whose journal has a session with a network on the engine, whose launcher is of an earlier boot or lives */
  async function makeHome(session: string, isAlive: boolean): Promise<SessionWorld> {
    const world = await makeSessionWorld(run, "none", "runc");
    worlds.push(world);
    const identity = await readProcessIdentity(process.pid);
    const owner = isAlive ? identity : { ...identity, bootId: "an earlier boot" };
    const labels = {
      ...run.labels,
      [labelKeys.schema]: labelSchema,
      [labelKeys.session]: session,
      [labelKeys.owner]: renderOwner(owner),
    };
    const index = worlds.length;
    await createNetwork(engine, {
      name: `claude-bottle-hello-${session}-egress`,
      internal: true,
      subnet: `198.18.${index}.0/29`,
      gateway: `198.18.${index}.1`,
      options: {},
      labels,
    });
    await mkdir(journalFolder(world), { recursive: true });
    const entry = { schema: 1, session, bottleName: `hello-${session}`, agent: "hello", owner };
    const rest = {
      environment: {},
      hasTranscript: true,
      state: "starting",
      startedAt: "2026-01-01T00:00:00Z",
    };
    await writeFile(`${journalFolder(world)}/${session}.json`, JSON.stringify({ ...entry, ...rest }));
    return world;
  }

  test("goes with the next command, whichever it is, and a living launcher's stays", async () => {
    const living = await makeHome("living", true);
    const names = Object.keys(commandTable).filter(
      (name) => !commandTable[name]?.isHidden && !leftOut.has(name),
    );
    for (const [index, name] of names.entries()) {
      const world = await makeHome(`dead${index}`, false);
      await Promise.all(
        [world, living].map((one) =>
          runCommand({ ...one, env: { ...one.env, EDITOR: "true" } }, [name, ...(words[name] ?? [])]),
        ),
      );
    }
    const dead = worlds.filter((world) => world !== living);
    await waitUntil(
      async () => (await Promise.all(dead.map(readJournal))).flat().length === 0,
      "no journal names a dead session any more",
    );
    // The control: what belongs to a living launcher is still there
    expect(await listLeft(engine, run)).toEqual(["claude-bottle-hello-living-egress"]);
    expect((await readJournal(living)).map((entry) => entry.session)).toEqual(["living"]);
  });
});
