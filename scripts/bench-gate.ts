/**
 * Measures what the gate costs a tunnel: `bun scripts/bench-gate.ts` prints throughput straight and through it, through the filter (the
 * tests' stand-in for pipelock, which is slower than the real one) and through both, with the ratios.
 */
import { join } from "node:path";
import { startStandIn } from "../test/support/pipelock/launch.ts";
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
await using filter = await startStandIn({
  mode: "strict",
  api_allowlist: ["127.0.0.1"],
  ssrf: { ip_allowlist: ["127.0.0.1/32"] },
  forward_proxy: { enabled: true },
  fetch_proxy: { monitoring: { max_requests_per_minute: 100_000 } },
});
const command = ["node", join(folder, "bench.mjs"), String(filter.port)];
const run = Bun.spawn(command, { stdout: "inherit", stderr: "inherit" });
process.exitCode = await run.exited;
