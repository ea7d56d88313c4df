import { describe, setDefaultTimeout } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { platformOn } from "../support/docker-platform.ts";
import { launchEgressBottle } from "../support/egress-bottle.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import { describePlatform } from "./platform-contract.ts";

setDefaultTimeout(90_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? (["runc"] as const) : await listRuntimes(engine);
const platform = platformOn(engine);

describe.skipIf(typeof found === "string").each([...runtimes])("under %s", (runtime) => {
  describePlatform("Docker", platform.capabilities, async () => {
    const run = beginTestRun(engine);
    const { bottle, plan } = await launchEgressBottle(run, { runtime });
    return {
      platform,
      session: plan.session,
      name: plan.bottleName,
      image: plan.image.reference,
      destroy: async () => void (await bottle.destroy({ keepsWork: true })),
      end: () => run.end(),
    };
  });
});
