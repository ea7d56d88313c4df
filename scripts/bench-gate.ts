/**
 * Measures what the gate costs a tunnel: `bun scripts/bench-gate.ts` prints throughput straight and through it, through the filter (the
 * tests' stand-in for pipelock, which is slower than the real one) and through both, with the ratios.
 */
import { join } from "node:path";
import { bundlePipelockStandIn } from "../test/support/pipelock/bundle.ts";
import { strict } from "./lib/filter-contract/catalogue/configs.ts";
import { findPort, startProgram } from "./lib/filter-contract/program.ts";
import { makeTemporaryFolder } from "./lib/temporary-folder.ts";

const folder = await makeTemporaryFolder("bench-gate");
// As in a bottle, by Node and not by Bun
const built = await Bun.build({
  entrypoints: [join(import.meta.dir, "lib/gate-throughput.ts")],
  target: "node",
  format: "esm",
  outdir: folder,
  naming: "bench.mjs",
});
if (!built.success) throw new AggregateError(built.logs, "Cannot bundle the benchmark");
const standIn = join(folder, "filter.cjs");
await Bun.write(standIn, await bundlePipelockStandIn());
const program = { command: ["node", standIn], environment: { PATH: process.env["PATH"] ?? "" } };
const config = JSON.stringify(strict).replace("{metrics}", String(await findPort()));
await using filter = await startProgram(program, folder, config);
const command = ["node", join(folder, "bench.mjs"), String(filter.port)];
const run = Bun.spawn(command, { stdout: "inherit", stderr: "inherit" });
process.exitCode = await run.exited;
