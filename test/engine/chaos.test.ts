import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { blows } from "../../scripts/lib/chaos/faults.ts";
import { makeRandom } from "../../scripts/lib/chaos/random.ts";
import { runChaos } from "../../scripts/lib/chaos/run.ts";
import { withStage } from "../../scripts/lib/chaos/stage.ts";
import type { StageContext } from "../../scripts/lib/chaos/stage.ts";
import { isSound } from "../../scripts/lib/chaos/table.ts";
import { watchEnd } from "../../scripts/lib/chaos/watch-end.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { engineForTests } from "../support/engine-gate.ts";
import { killLauncherAndReaper, readJournal } from "../support/launcher.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import type { RuntimeChoice } from "../support/runtime-choice.ts";
import { ensureScriptedClaude } from "../support/scripted-claude.ts";
import { patient } from "../support/patience.ts";

setDefaultTimeout(300_000);
const found = await engineForTests();
const engine = found as Engine;
const image = typeof found === "string" ? undefined : await ensureScriptedClaude(engine);
const isHere = image !== undefined && engine.endpoint.kind === "unix";
const runtimes = isHere ? await listRuntimes(engine) : (["runc"] as const);
const faults = 20;

function makeContext(runtime: RuntimeChoice): StageContext {
  return {
    engine,
    socket: engine.endpoint.kind === "unix" ? engine.endpoint.socketPath : "",
    runtime,
    program: [process.execPath, join(import.meta.dir, "../../src/main.ts")],
    image: image ?? "",
    pipelockImage: undefined,
    daemon: undefined,
  };
}

describe.skipIf(!isHere).each([...runtimes])(
  "a launcher that is ended at any moment, under %s",
  (runtime) => {
    test("leaves nothing, restores the terminal and loses no work", async () => {
      const lines: string[] = [];
      const outcomes = await runChaos(makeContext(runtime), {
        count: Math.ceil(faults / runtimes.length),
        blows,
        random: makeRandom(1),
        jobs: 2,
        onOutcome: (line, outcome) => {
          if (!isSound(outcome)) lines.push(line, outcome.output);
        },
      });
      expect(lines.join("\n")).toBe("");
      expect(outcomes.length).toBe(Math.ceil(faults / runtimes.length));
    });

    test("control: what is left when the reaper is ended as well is seen, and goes with the next command", async () => {
      const [early, late] = await withStage(
        makeContext(runtime),
        "echo writ''ten; sleep 300",
        async ({ world, shell, scene, runNext }) => {
          expect(await shell.waitFor("written", patient(60_000))).toBe(true);
          const [entry] = await readJournal(world);
          if (!entry) throw new Error("There is no journal entry");
          await killLauncherAndReaper(entry);
          const since = performance.now();
          const left = await watchEnd(scene, since, 3_000);
          await runNext("check");
          return [left.leftovers, (await watchEnd(scene, since, patient(60_000))).leftovers];
        },
      );
      expect(early.some((line) => line.startsWith("network"))).toBe(true);
      expect(early.some((line) => line.startsWith("file journal/"))).toBe(true);
      expect(late).toEqual([]);
    });
  },
);
