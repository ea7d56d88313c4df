/** How long a command takes that has nothing to do. */
import { measure } from "./table.ts";
import type { Row } from "./table.ts";
import type { BenchWorld } from "./world.ts";

/** So many times the rounds of the others, since one takes a hundredth of their time */
const factor = 5;

export async function measureStartup({ binary }: BenchWorld, rounds: number): Promise<Row[]> {
  const version = (command: string) => async () => {
    const start = performance.now();
    const child = Bun.spawn([command, "--version"], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
    if ((await child.exited) !== 0) throw new Error(`Cannot run ${command} --version`);
    return performance.now() - start;
  };
  const sample = await measure(rounds * factor, version(binary), version("docker"));
  return [{ what: "`--version`", unit: "ms", sample, goal: 0.5 }];
}
