/** `scripts/chaos`: see `--help`. */
import { join } from "node:path";
import type { Engine } from "../src/engine/engine.ts";
import { engineForTests } from "../test/support/engine-gate.ts";
import { filterForTests } from "../test/support/pipelock-image.ts";
import { findRuntimes } from "../test/support/runtime-choice.ts";
import { ensureScriptedClaude } from "../test/support/scripted-claude.ts";
import { startPrivateEngine } from "./lib/chaos/daemon.ts";
import type { PrivateEngine } from "./lib/chaos/daemon.ts";
import { blows, daemonBlows } from "./lib/chaos/faults.ts";
import { help, readOptions } from "./lib/chaos/options.ts";
import type { ChaosOptions } from "./lib/chaos/options.ts";
import { makeRandom } from "./lib/chaos/random.ts";
import { runChaos } from "./lib/chaos/run.ts";
import { isSound, renderTable } from "./lib/chaos/table.ts";
import type { Outcome } from "./lib/chaos/trial.ts";

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  process.stdout.write(help);
  process.exit(0);
}
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
const found = await engineForTests();
if (typeof found === "string") throw new Error(found);
process.exit((await run(found, options)) ? 0 : 1);

async function run(images: Engine, chosen: ChaosOptions): Promise<boolean> {
  const image = await ensureScriptedClaude(images);
  const pipelockImage = await filterForTests(images);
  const daemon = chosen.isDaemon ? await startPrivateEngine() : undefined;
  try {
    await daemon?.load(images, [image, pipelockImage]);
    return await runOn(daemon?.engine ?? images, chosen, { image, pipelockImage, daemon });
  } finally {
    await daemon?.end();
  }
}

async function runOn(
  engine: Engine,
  chosen: ChaosOptions,
  parts: {
    readonly image: string;
    readonly pipelockImage: string;
    readonly daemon: PrivateEngine | undefined;
  },
): Promise<boolean> {
  if (engine.endpoint.kind !== "unix")
    throw new Error("Cannot stand in front of this engine: it has no unix socket");
  const runtimes = (await findRuntimes(engine)).filter((one) => (chosen.runtime ?? one) === one);
  if (runtimes.length === 0) throw new Error(`This engine has no runtime "${chosen.runtime}"`);
  const outcomes = new Map<string, readonly Outcome[]>();
  console.log(`Seed ${chosen.seed}, ${runtimes.join(" and ")}, ${engine.endpoint.shown}`);
  for (const runtime of runtimes) {
    const context = {
      ...parts,
      engine,
      socket: engine.endpoint.socketPath,
      runtime,
      program: [join(import.meta.dir, "../dist/claude-bottle")],
    };
    const some = await runChaos(context, {
      count: chosen.isEvery ? undefined : Math.ceil(chosen.faults / runtimes.length),
      blows: chosen.isDaemon ? daemonBlows : blows,
      random: makeRandom(chosen.seed),
      jobs: chosen.jobs,
      signal: stop.signal,
      onOutcome: (line, outcome) => {
        if (chosen.isVerbose || !isSound(outcome)) console.log(line);
        if (!isSound(outcome)) console.log(outcome.output.replaceAll(/^/gm, "       | "));
      },
    });
    outcomes.set(runtime, some);
  }
  console.log(renderTable(outcomes));
  return !stop.signal.aborted && [...outcomes.values()].flat().every(isSound);
}
