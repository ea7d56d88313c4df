import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ProbeVerdict } from "../../src/bottle/bottle.ts";
import { makeNames } from "../../src/bottle/docker/labels.ts";
import { makeImages } from "../../src/bottle/docker/images.ts";
import { prepareServices } from "../../src/bottle/image/services-images.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { planServices } from "../../src/plan/describe-services.ts";
import { verifyBottle } from "../support/docker-platform.ts";
import { ensureRedis } from "../support/database-images.ts";
import { beginTestRun, engineForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { aBottle } from "../support/manifests.ts";
import { listRuntimes } from "../support/runtime-choice.ts";
import type { RuntimeChoice } from "../support/runtime-choice.ts";
import { launchContextForTests } from "../support/verify-bottle.ts";
import { weakenEngine } from "../support/weakened-engine.ts";
import type { Weakness } from "../support/weakened-engine.ts";

setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;
const runtimes = typeof found === "string" ? [] : await listRuntimes(engine);
let run: TestRun;

const about = ["sibling-services", "service-host", "service-egress", "service-gate", "service-sibling"];

async function verify(runtime: RuntimeChoice, weaknesses: readonly Weakness[] = []): Promise<ProbeVerdict[]> {
  const { options, context } = await launchContextForTests(run, runtime);
  const entries = aBottle({ services: { cache: { image: await ensureRedis(engine), keep: true } } }).services;
  const services = planServices(entries ?? [], { images: new Map(), dataKey: run.name("verify") });
  const plan = { ...options.plan, services };
  const serviceImages = await prepareServices(
    makeImages(() => Promise.resolve(engine)),
    services,
    options,
  );
  const weakened = weakenEngine(engine, makeNames(plan).stem, weaknesses);
  return [...(await verifyBottle(weakened, { ...options, plan }, { ...context, serviceImages }))];
}

describe.skipIf(typeof found === "string")("verify, of a bottle with a service", () => {
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  test.each(runtimes)(
    "finds every way out of it closed, and none into another's, under %s",
    async (runtime) => {
      const verdicts = await verify(runtime);
      expect(verdicts.filter(({ verdict }) => verdict !== "closed")).toEqual([]);
      expect(verdicts.map(({ name }) => name)).toEqual(expect.arrayContaining(about));
    },
  );

  test("the control: reports a service that reaches the gate, and an agent that reaches its sibling's services", async () => {
    const verdicts = await verify("runc", ["services"]);
    const leaks = verdicts.filter(({ verdict }) => verdict === "leak").map(({ name }) => name);
    expect(leaks).toEqual(expect.arrayContaining(["service-gate", "sibling-services"]));
  });
});
