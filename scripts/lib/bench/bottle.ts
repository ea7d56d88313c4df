/** A bottle from nothing to claude's process, and from its end to nothing, against the docker CLI doing the same steps. */
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { makeCliRival, until } from "./cli-rival.ts";
import type { BottleTimes } from "./cli-rival.ts";
import { measure } from "./table.ts";
import type { Row, Sample } from "./table.ts";
import { firstWords } from "./world.ts";
import type { BenchWorld } from "./world.ts";

export async function measureBottle(
  world: BenchWorld,
  rounds: number,
  runtime: RuntimeChoice,
): Promise<Row[]> {
  await world.choose(runtime);
  const rival = await makeCliRival({ ...world, runtime });
  const downs = { ours: [] as number[], theirs: [] as number[] };
  const up = await measure(
    rounds,
    keepDown(() => runOurs(world), downs.ours),
    keepDown(rival, downs.theirs),
  );
  // The first round of each warms up, as in `measure`
  const down: Sample = { ours: downs.ours.slice(1), theirs: downs.theirs.slice(1) };
  return [
    { what: `start to claude's process, ${runtime}`, unit: "ms", sample: up, goal: 0.6 },
    { what: `from there to nothing left, ${runtime}`, unit: "ms", sample: down, goal: 0.8 },
  ];
}

/** The first output is claude's, and the end of the process comes when nothing is left. */
async function runOurs({ binary, env, home }: BenchWorld): Promise<BottleTimes> {
  const start = performance.now();
  const child = Bun.spawn([binary, "start", "bench", "--yes", "--", "--version"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    env,
    cwd: home,
  });
  await until(child.stdout, firstWords);
  const firstOutput = performance.now();
  if ((await child.exited) !== 0) throw new Error("Cannot run a bottle");
  return { upMs: firstOutput - start, downMs: performance.now() - firstOutput };
}

/** Gives the time up and puts the time down aside. */
function keepDown(run: () => Promise<BottleTimes>, downs: number[]): () => Promise<number> {
  return async () => {
    const { upMs, downMs } = await run();
    downs.push(downMs);
    return upMs;
  };
}
