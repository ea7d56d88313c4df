/** What the gate's looking at an inspected host costs. By Node, as in a bottle, and without the network around it. */
import { join } from "node:path";
import { makeTemporaryFolder } from "../temporary-folder.ts";
import type { Row } from "./table.ts";

const limits: Readonly<Record<string, number>> = { text: 0.7, base64: 0.7 };
/** Nobody can make it ten times slower than what everybody sends may be */
const hostileLimit = 7;

export async function measureInspect(rounds: number): Promise<Row[]> {
  const folder = await makeTemporaryFolder("bench-inspect");
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "../inspect-speed.ts")],
    target: "node",
    format: "esm",
    outdir: folder,
    naming: "bench.mjs",
  });
  if (!built.success) throw new AggregateError(built.logs, "Cannot bundle the benchmark");
  const child = Bun.spawn(["node", join(folder, "bench.mjs"), String(rounds)], { stderr: "inherit" });
  const output = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the benchmark failed");
  const samples = new Map<string, number[]>();
  for (const line of output.split("\n").filter(Boolean)) {
    const [kind, seconds] = JSON.parse(line) as [string, number];
    samples.set(kind, [...(samples.get(kind) ?? []), seconds]);
  }
  return [...samples].map(([kind, ours]): Row => {
    const limit = kind.startsWith("hostile") ? hostileLimit : limits[kind.split(";")[0] ?? ""];
    return {
      what: `CPU for looking at 100 MB: ${kind}`,
      unit: "s",
      sample: { ours, theirs: [] },
      ...(limit === undefined ? {} : { limit }),
    };
  });
}
