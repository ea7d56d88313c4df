/** See `--help`. */
import { join } from "node:path";
import { bundleSidecar } from "./bundle-sidecar.ts";
import { help, readOptions } from "./lib/mutate/options.ts";
import { runMutations } from "./lib/mutate/run.ts";

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  process.stdout.write(help);
  process.exit(0);
}
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => stop.abort());
await bundleSidecar();
const isEnough = await runMutations(join(import.meta.dir, ".."), options, stop.signal);
process.exit(isEnough && !stop.signal.aborted ? 0 : 1);
