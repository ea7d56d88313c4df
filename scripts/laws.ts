/** See `--help`. */
import { bundleSidecar } from "./bundle-sidecar.ts";
import { help, readOptions } from "./lib/laws/options.ts";
import { makeTemporaryFolder } from "./lib/temporary-folder.ts";

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  process.stdout.write(help);
  process.exit(0);
}
// What the cases are run with embeds the bundles, which need to be there first
await bundleSidecar();
const { checkSteps, runLaws } = await import("./lib/laws/run-laws.ts");
const parent = await makeTemporaryFolder("laws");
process.exit((await (options.isForSteps ? checkSteps(parent) : runLaws(options, parent))) ? 0 : 1);
