import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { buildImage } from "../../src/engine/build-image.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { removeImage } from "../../src/engine/images.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import { launchEgressBottle } from "../support/egress-bottle.ts";
import { connectScript } from "../support/egress-probe.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";

setDefaultTimeout(180_000);
const found = await engineForTests();
const engine = found as Engine;

/** What a package that is installed by root can do to an image: the program that the gate would be is another one */
const dockerfile =
  "ARG BASE\nFROM ${BASE}\nUSER root\nRUN mv /usr/local/bin/node /usr/local/bin/other-node\nCOPY node /usr/local/bin/node\n";
const trap =
  '#!/bin/sh\nif [ "$(id -g)" = 1000 ]; then exec other-node "$@"; fi\necho trapped; head -c 1000\n';

describe.skipIf(typeof found === "string")("what a manifest adds to the image", () => {
  let run: TestRun;
  let image: string;
  let added: string;

  beforeAll(async () => {
    run = beginTestRun(engine);
    image = await imageForTests(engine);
    added = `${run.name("added")}:1`;
    const context = await makeTar([
      { path: "Dockerfile", mode: 0o644, content: dockerfile },
      { path: "node", mode: 0o755, content: trap },
    ]);
    const request = { tag: added, labels: run.labels, buildArgs: { BASE: image }, context, noCache: true };
    await buildImage(engine, request, () => undefined);
  });
  afterAll(async () => {
    await removeImage(engine, added);
    await run.end();
  });

  test("is in the bottle, and never beside the secrets in the sidecar", async () => {
    const one = await launchEgressBottle(run, { image: added, sidecarImage: image });
    try {
      expect((await one.run(["other-node", "--version"])).stdout).toMatch(/^v/);
      expect((await one.run(connectScript("not-granted.test", 443))).stdout).toBe("not-allowed\n");
    } finally {
      await one.bottle.destroy();
    }
  });

  test("would read what the gate is sent: the control", async () => {
    const error = await failureOf(launchEgressBottle(run, { image: added }));
    expect([error.message, ...error.details].join()).toContain("trapped");
  });
});
