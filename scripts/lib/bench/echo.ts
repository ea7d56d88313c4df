/** Keystroke echo in a raw terminal. */
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { openKeyboard } from "./keyboard.ts";
import { withSides } from "./sides.ts";
import type { Row } from "./table.ts";
import type { BenchWorld } from "./world.ts";

const keys = 300;

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
