import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { ensureImage } from "../../src/bottle/image/image.ts";
import { givenImage, imagesOn } from "../support/docker-platform.ts";
import { killAndRemoveContainer, openWait, startContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { removeImage } from "../../src/engine/images.ts";
import { readPackages } from "../../src/manifest/image-schema.ts";
import { beginTestRun, createShell, engineForTests, imageForTests } from "../support/engine-gate.ts";
import { patient } from "../support/patience.ts";
import { runInImage } from "../support/run-in-image.ts";

// Debian's packages come by the engine's default network; without it the tests here are skipped
setDefaultTimeout(600_000);
const found = await engineForTests();
const engine = found as Engine;
const hasPackages = typeof found !== "string" && (await reachesPackages());
if (!hasPackages)
  console.warn("Skipping the presets: containers of this engine do not reach Debian's packages");

/** Whether a build could fetch anything; a machine without a network is no fault of a preset. */
async function reachesPackages(): Promise<boolean> {
  const run = beginTestRun(engine);
  const id = await createShell(run, "packages", "timeout 20 getent hosts deb.debian.org", {
    HostConfig: { NetworkMode: "default" },
  });
  try {
    const { exit } = await openWait(engine, id);
    await startContainer(engine, id);
    return (await exit) === 0;
  } finally {
    await killAndRemoveContainer(engine, id);
    await run.end();
  }
}

describe.skipIf(!hasPackages)("the preset for Python", () => {
  test("makes an image in which a virtual environment with pip can be made, and a C program be built", async () => {
    const run = beginTestRun(engine);
    const base = await imageForTests(engine);
    const packages = readPackages({ packages: { preset: ["python"] } });
    const settings = { ...givenImage(base), image: undefined, claudeVersion: "0.0.0" };
    const request = { dockerfile: undefined, name: base, ...(packages && { packages }) };
    const progress = { step: () => undefined, detail: () => undefined, done: () => undefined };
    const signal = AbortSignal.timeout(patient(500_000));
    const reference = await ensureImage(imagesOn(engine), request, settings, {
      force: false,
      progress,
      signal,
    });
    const script =
      'cd /tmp && python3 -m venv v && v/bin/pip --version && printf "#include <Python.h>\\nint main(){return 0;}" >a.c && gcc $(python3-config --includes) a.c -o a && ./a && echo built';
    try {
      // The control: without the preset there is none of it
      expect(await runInImage(run, base, `${script}; true`)).toBe("");
      const said = await runInImage(run, reference, script);
      expect(said).toStartWith("pip ");
      expect(said).toEndWith("built\n");
    } finally {
      await removeImage(engine, reference);
      await run.end();
    }
  });
});
