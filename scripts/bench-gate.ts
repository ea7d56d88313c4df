/** Measures what the gate costs a tunnel: `bun scripts/bench-gate.ts` prints throughput straight and through it, and the ratio. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = await mkdtemp(join(tmpdir(), "bench-gate-"));
try {
  // As in a bottle, by Node and not by Bun
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "lib/gate-throughput.ts")],
    target: "node",
    format: "esm",
    outdir: folder,
    naming: "bench.mjs",
  });
  if (!built.success) throw new AggregateError(built.logs, "Cannot bundle the benchmark");
  const run = Bun.spawn(["node", join(folder, "bench.mjs")], { stdout: "inherit", stderr: "inherit" });
  process.exitCode = await run.exited;
} finally {
  await rm(folder, { recursive: true });
}
