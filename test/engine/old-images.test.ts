import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { inputsLabel } from "../../src/bottle/image/build-recipe.ts";
import { labelKeys } from "../../src/bottle/docker/labels.ts";
import { removeLeftovers } from "../../src/bottle/docker/leftovers.ts";
import { findOldImages } from "../../src/bottle/image/old-images.ts";
import { buildImage } from "../../src/engine/build-image.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { findImage } from "../../src/engine/images.ts";
import { makeTar } from "../../src/archive/small-tar.ts";
import { createVolume } from "../../src/engine/volumes.ts";
import { claudeVersion } from "../../src/plan/claude-version.ts";
import { ensureAgentImage } from "../support/agent-image.ts";
import { platformOn } from "../support/docker-platform.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";

setDefaultTimeout(60_000);
const found = await engineForTests();
const engine = found as Engine;

describe.skipIf(typeof found === "string")("images of before", () => {
  let run: TestRun;

  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(() => run.end());

  async function build(suffix: string): Promise<string> {
    const tag = `${run.name(suffix)}:1`;
    const dockerfile = `FROM ${await imageForTests(engine)}\nLABEL made.for=${suffix}\n`;
    const context = await makeTar([{ path: "Dockerfile", mode: 0o644, content: dockerfile }]);
    const labels = { ...run.labels, [inputsLabel]: "an earlier text" };
    await buildImage(engine, { tag, labels, buildArgs: {}, context, noCache: true }, () => undefined);
    return tag;
  }

  test("are found and removed, but for what work that is kept needs, and never the one in use", async () => {
    const current = await ensureAgentImage(engine);
    const [old, needed] = [await build("old"), await build("needed")];
    const labels = {
      ...run.labels,
      [labelKeys.session]: "abc",
      [labelKeys.image]: (await findImage(engine, needed))?.id ?? "",
    };
    await createVolume(engine, { name: run.name("work"), labels });
    const settings = {
      image: undefined,
      baseImage: await imageForTests(engine),
      claudeVersion,
      certificatesPath: undefined,
      readFile: () => Promise.reject(new Error("no file")),
      readContext: () => Promise.reject(new Error("no file")),
    };
    const images = await findOldImages(platformOn(engine), [], settings);
    const names = images.map((one) => one.name);
    expect(names).toContain(old);
    expect(names).not.toContain(needed);
    expect(names).not.toContain(current);
    const own = images.filter((one) => one.name === old);
    expect(await removeLeftovers(engine, own)).toEqual([]);
    expect(await findImage(engine, old)).toBeUndefined();
  });
});
