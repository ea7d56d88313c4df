/** What idle sessions keep in memory: one alone, and one's share of ten, whose program is the same pages for all of them. */
import { readFile, readdir } from "node:fs/promises";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { openKeyboard } from "./keyboard.ts";
import { withSides } from "./sides.ts";
import type { Side } from "./sides.ts";
import type { Row } from "./table.ts";
import type { BenchWorld } from "./world.ts";

/** Until the collector of garbage has had its turn */
const idleMs = 3_000;
const many = 10;

/** Kilobytes of a process, proc_pid_status(5) and proc_pid_smaps(5) */
const readers = {
  resident: async (pid: number) =>
    /^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1],
  share: async (pid: number) =>
    /^Pss:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1],
} as const;
type Measure = keyof typeof readers;

export async function measureMemory(
  world: BenchWorld,
  rounds: number,
  runtime: RuntimeChoice,
): Promise<Row[]> {
  return withSides(world, runtime, async (sides) => {
    const row = async (what: string, count: number, measure: Measure): Promise<Row> => {
      const all: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round += 1)
        for (const index of [0, 1] as const) all[index].push(await measureIdle(sides[index], count, measure));
      const sample = { ours: all[0], theirs: all[1] };
      return { what: `${what}, ${runtime}`, unit: "MiB", sample, rival: "`docker exec -it`", limit: 45 };
    };
    return [
      await row("idle session with its reaper", 1, "resident"),
      await row(`the same, its share (PSS) of ${many} side by side`, many, "share"),
    ];
  });
}

/** Mebibytes of one session, of so many that idle at the same time. */
async function measureIdle(side: Side, count: number, measure: Measure): Promise<number> {
  const keyboards = await Promise.all(Array.from({ length: count }, () => openKeyboard(side.terminal, side)));
  for (const keyboard of keyboards) await keyboard.echo();
  await Bun.sleep(idleMs);
  const sizes = await Promise.all(keyboards.map(({ pid }) => sumTree(pid, measure)));
  await Promise.all(keyboards.map((keyboard) => keyboard.end()));
  return sizes.reduce((sum, one) => sum + one, 0) / count / 1024;
}

/** Of a process and all below it. The reaper is a child, though in a process session of its own */
async function sumTree(pid: number, measure: Measure): Promise<number> {
  const own = Number((await readers[measure](pid)) ?? 0);
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((id) => readFile(`/proc/${pid}/task/${id}/children`, "utf8").catch(() => "")),
  );
  const children = lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  const below = await Promise.all(children.map((child) => sumTree(child, measure)));
  return below.reduce((sum, one) => sum + one, own);
}
