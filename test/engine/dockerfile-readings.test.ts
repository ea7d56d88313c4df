/** The control of what is refused in test/unit/bottle/image/dockerfile: a builder of the engine's really makes another image of it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { buildImage } from "../../src/engine/build-image.ts";
import { makeEngine } from "../../src/engine/engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { findImage } from "../../src/engine/images.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { hostileDockerfiles } from "../support/hostile-dockerfiles.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;

describe.skipIf(typeof found === "string")("a hostile Dockerfile, built without a look at it", () => {
  let run: TestRun;
  let base: string;
  beforeAll(async () => {
    base = await imageForTests(engine);
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  /** Whether the image that comes of it is the evil one; undefined if the builder refuses the text */
  async function isEvil(text: string, builder: "1" | "2"): Promise<boolean | undefined> {
    const tag = `${run.name("reading")}:b${builder}`;
    const context = await makeTar([{ path: "Dockerfile", mode: 0o644, content: text }]);
    const request = { tag, labels: run.labels, buildArgs: { BASE_IMAGE: base }, context, noCache: true };
    try {
      await buildImage(makeEngine(engine.endpoint, engine.apiVersion, builder), request, () => undefined);
    } catch {
      return undefined;
    }
    return (await findImage(engine, tag))?.labels["evil"] === "1";
  }

  test.each(Object.entries(hostileDockerfiles))("starts elsewhere: %s", async (_name, text) => {
    const outcomes = [await isEvil(text, "1"), await isEvil(text, "2")];
    expect(outcomes).toContain(true);
  });
});
