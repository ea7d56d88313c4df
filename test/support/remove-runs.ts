/** Removes what test files have left on the engine that did not come to their end: `bun test/support/remove-runs.ts ID`. */
import type { Engine } from "../../src/engine/engine.ts";
import { engineForTests, removeRunsOf } from "./engine-gate.ts";

/** Reapers of launchers that were ended with them remove the same things at the same time */
const rounds = 10;
const pauseMs = 1_000;

async function removeAtLast(engine: Engine, file: string): Promise<void> {
  for (let round = 1; ; round += 1) {
    try {
      return await removeRunsOf(engine, file);
    } catch (error) {
      if (round === rounds) throw error;
      await Bun.sleep(pauseMs);
    }
  }
}

const [, , file] = process.argv;
const engine = await engineForTests();
if (typeof engine !== "string" && file) await removeAtLast(engine, file);
