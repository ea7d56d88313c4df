/** Keystroke echo in a raw terminal, and what an idle session keeps in memory. */
import { readFile, readdir } from "node:fs/promises";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { openKeyboard } from "./keyboard.ts";
import { withSides } from "./sides.ts";
import type { Row } from "./table.ts";
import type { BenchWorld } from "./world.ts";

const keys = 300;
/** Until the collector of garbage has had its turn */
const idleMs = 3_000;

export async function measureEcho(world: BenchWorld, rounds: number, runtime: RuntimeChoice): Promise<Row[]> {
  return withSides(world, runtime, async (sides) => {
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      for (const index of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const keyboard = await openKeyboard(sides[index].terminal, sides[index]);
        for (let key = 0; key < keys; key += 1) times[index].push(await keyboard.echo());
        await keyboard.end();
      }
    }
    const sample = { ours: times[0], theirs: times[1] };
    const common = { unit: "ms" as const, sample, rival: "`docker exec -it`" };
    return [
      { ...common, what: `keystroke echo p50, ${runtime}`, goal: 1 },
      { ...common, what: `keystroke echo p99, ${runtime}`, share: 0.99, goal: 1.5 },
    ];
  });
}

export async function measureMemory(
  world: BenchWorld,
  rounds: number,
  runtime: RuntimeChoice,
): Promise<Row[]> {
  return withSides(world, runtime, async (sides) => {
    const all: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      for (const index of [0, 1] as const) {
        const keyboard = await openKeyboard(sides[index].terminal, sides[index]);
        await keyboard.echo();
        await Bun.sleep(idleMs);
        all[index].push(await residentMebibytes(keyboard.pid));
        await keyboard.end();
      }
    }
    const sample = { ours: all[0], theirs: all[1] };
    return [
      {
        what: `idle session with its reaper, ${runtime}`,
        unit: "MiB",
        sample,
        rival: "`docker exec -it`",
        limit: 45,
      },
    ];
  });
}

/** Of a process and all below it. The reaper is a child, though in a process session of its own */
async function residentMebibytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const own = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((id) => readFile(`/proc/${pid}/task/${id}/children`, "utf8").catch(() => "")),
  );
  const children = lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  const below = await Promise.all(children.map(residentMebibytes));
  return below.reduce((sum, one) => sum + one, own);
}
