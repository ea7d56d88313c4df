/**
 * What each command asks of the engine and starts on this machine: numbers that do not depend on how fast a machine is. One that grows makes
 * every user wait, and fails here.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { readReceipts, runCommand } from "../support/scripted-session.ts";
import type { SessionWorld } from "../support/scripted-session.ts";
import { makeWorkWorld } from "../support/work-session.ts";

setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);

interface Counts {
  readonly engineCalls: number;
  readonly containers: number;
  readonly execs: number;
  readonly programs: number;
}

/** At most, on a warm machine: the image is there and the runtime was tried before */
const limits = {
  "start --dry-run": { engineCalls: 1, containers: 0, execs: 0, programs: 12 },
  // Of one bottle, whose memory this machine tells
  list: { engineCalls: 6, containers: 0, execs: 1, programs: 0 },
  exec: { engineCalls: 6, containers: 0, execs: 1, programs: 0 },
  egress: { engineCalls: 3, containers: 0, execs: 0, programs: 0 },
  allow: { engineCalls: 6, containers: 0, execs: 0, programs: 0 },
  diff: { engineCalls: 5, containers: 0, execs: 1, programs: 0 },
  pull: { engineCalls: 5, containers: 0, execs: 1, programs: 14 },
  stop: { engineCalls: 4, containers: 0, execs: 0, programs: 0 },
  // The agent, the gate, and the collector, which is asked to start twice
  "run, whole": { engineCalls: 60, containers: 4, execs: 2, programs: 29 },
} satisfies Readonly<Record<string, Counts>>;

describe.skipIf(image === undefined)("the counts of", () => {
  let run: TestRun;
  let world: SessionWorld;
  let bottle: string;

  beforeAll(async () => {
    run = beginTestRun(engine);
    world = await makeWorkWorld(run, image ?? "", "runc");
    // The probe of the runtime, and whatever else is remembered
    await runCommand(world, ["start", "hello", "--cwd", "--yes", "--", "-c", "true"]);
    const script = "echo b >>a.txt; touch ready; sleep 3600";
    await runCommand(world, ["start", "hello", "--cwd", "--yes", "--detach", "--", "-c", script]);
    bottle = (await readReceipts(world))[0]?.bottleName ?? "";
    while ((await runCommand(world, ["exec", bottle, "--", "test", "-e", "ready"])).exitCode !== 0);
  });
  afterAll(async () => {
    await runCommand(world, ["stop", "--all", "--yes"]);
    await run.end();
    await world.remove();
  });

  async function count(words: readonly string[]): Promise<Counts> {
    const { stderr } = await runCommand(
      { ...world, env: { ...world.env, CLAUDE_BOTTLE_TIMINGS: "json" } },
      words,
    );
    const line = stderr.split("\n").find((one) => one.startsWith('{"timings":1'));
    const { engineCalls, containers, execs, programs } = JSON.parse(line ?? "{}") as Counts;
    return { engineCalls, containers, execs, programs };
  }

  const commands: readonly (readonly [keyof typeof limits, () => readonly string[]])[] = [
    ["start --dry-run", () => ["start", "hello", "--cwd", "--dry-run"]],
    ["list", () => ["list"]],
    ["exec", () => ["exec", bottle, "--", "true"]],
    ["egress", () => ["egress", bottle]],
    ["allow", () => ["allow", bottle, "example.com"]],
    ["diff", () => ["diff", bottle]],
    ["pull", () => ["pull", bottle]],
    ["stop", () => ["stop", bottle]],
    ["run, whole", () => ["start", "hello", "--cwd", "--yes", "--", "-c", "echo c >>a.txt"]],
  ];

  test.each(commands)("%s do not grow", async (name, words) => {
    const counts = await count(words());
    const grown = Object.entries(limits[name]).filter(
      ([key, most]) => !(counts[key as keyof Counts] <= most),
    );
    expect(grown.map(([key]) => `${key}: ${counts[key as keyof Counts]}`)).toEqual([]);
  });
});
