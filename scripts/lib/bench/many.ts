/**
 * Many bottles at once, against the least that the engine itself needs: the same networks, volumes and containers made, started and removed
 * by one bare client, once one bottle after another and once all at the same time, whichever is faster. That client checks nothing, waits
 * for no program inside, and hands nothing over.
 */
import { listContainers } from "../../../src/engine/containers.ts";
import { listNetworks } from "../../../src/engine/networks.ts";
import { listVolumes } from "../../../src/engine/volumes.ts";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { runBareClient } from "./bare-client.ts";
import type { Phases } from "./bare-client.ts";
import { until } from "./cli-rival.ts";
import type { Row } from "./table.ts";
import { firstWords } from "./world.ts";
import type { BenchWorld } from "./world.ts";

const label = "claude-bottle.bench";

export async function measureMany(
  world: BenchWorld,
  rounds: number,
  runtime: RuntimeChoice,
  count: number,
): Promise<Row[]> {
  await world.choose(runtime);
  const all: { readonly ours: Phases; readonly theirs: Phases }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const ours = await runOurs(world, count);
    const turns = [
      await runBareClient(world, runtime, count, "one-by-one"),
      await runBareClient(world, runtime, count, "all-at-once"),
    ];
    const [best] = turns.toSorted((a, b) => a.up + a.down - b.up - b.down);
    if (best) all.push({ ours, theirs: best });
  }
  const row = (what: string, seconds: (phases: Phases) => number, goal?: number): Row => ({
    what: `${count} bottles ${what}, ${runtime}`,
    unit: "s",
    sample: { ours: all.map((one) => seconds(one.ours)), theirs: all.map((one) => seconds(one.theirs)) },
    rival: "a bare client",
    ...(goal === undefined ? {} : { goal }),
  });
  return [
    row("up", ({ up }) => up),
    row("down", ({ down }) => down),
    row("up and down", ({ up, down }) => up + down, 1.2),
  ];
}

/** From nothing to all of them running claude at the same time, and from there to nothing. */
async function runOurs({ engine, binary, home, env }: BenchWorld, count: number): Promise<Phases> {
  const run = crypto.randomUUID();
  const start = performance.now();
  const children = Array.from({ length: count }, () =>
    Bun.spawn([binary, "start", "bench", "--yes"], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      env: { ...env, CLAUDE_BOTTLE_LABELS: `${label}=${run}` },
      cwd: home,
    }),
  );
  const complaints = children.map((child) => new Response(child.stderr).text());
  await Promise.all(
    children.map((child, index) =>
      until(child.stdout, firstWords).catch(async () => {
        throw new Error(`Cannot start bottle ${index} of ${count}: ${await complaints[index]}`);
      }),
    ),
  );
  const middle = performance.now();
  // The shell in claude's place ends with its input
  for (const child of children) void child.stdin.end();
  const codes = await Promise.all(children.map((child) => child.exited));
  const end = performance.now();
  const failed = codes.flatMap((code, index) => (code === 0 ? [] : [index]));
  if (failed.length > 0) {
    const words = (await complaints[failed[0] ?? 0])?.slice(-1_000);
    throw new Error(`${failed.length} of ${count} bottles ended badly: ${words}`);
  }
  const wanted = [`${label}=${run}`];
  const lists = [listContainers, listNetworks, listVolumes] as const;
  const left = await Promise.all(lists.map(async (list) => (await list(engine, wanted)).length));
  if (left.some((length) => length > 0))
    throw new Error(`${left.join(", ")} containers, networks and volumes were left behind`);
  return { up: (middle - start) / 1000, down: (end - middle) / 1000 };
}
