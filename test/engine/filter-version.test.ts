import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFilterVersion, requireLoadable } from "../../src/bottle/filter/filter-version.ts";
import { listContainers } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { makeDestinations } from "../../src/plan/destinations.ts";
import { filterReleases } from "../../src/plan/filter-releases.ts";
import { platformOn } from "../support/docker-platform.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { aBottle, aPlan } from "../support/manifests.ts";
import { filterForTests } from "../support/pipelock-image.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

const owned = { owner: { bootId: "test", pid: process.pid, startTime: "1" }, version: "test" };

describe.skipIf(typeof found === "string")("the release of pipelock that an image holds", () => {
  let run: TestRun;
  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  const read = (image: string) =>
    readFilterVersion(platformOn(engine, { labels: { ...owned, extra: run.labels } }), image, {
      session: run.name("version"),
      signal: new AbortController().signal,
    });

  test("is what its own program says, and nothing is left of the container that asked", async () => {
    expect(await read(await filterForTests(engine))).toBe("2.3.0");
    expect(
      await listContainers(
        engine,
        Object.entries(run.labels).map((pair) => pair.join("=")),
      ),
    ).toEqual([]);
  });

  test("is known of the images that are offered, which need not even be there", async () => {
    for (const { image, version } of filterReleases) expect(await read(image)).toBe(version);
  });

  test("is taken for the default one where the program does not say", async () => {
    expect(await read(await imageForTests(engine))).toBe(filterReleases[0].version);
  });
});

test("a host that the release refuses to load is told before anything is made", () => {
  const bottle = aBottle({ egress: { allowlist: ["a_b.example"] } });
  const plan = aPlan();
  const reaching = { ...plan, egress: { ...plan.egress, destinations: makeDestinations(bottle) } };
  requireLoadable(reaching, "2.3.0");
  expect(() => requireLoadable(reaching, "3.6.0")).toThrow("Cannot start with pipelock 3.6.0");
});
