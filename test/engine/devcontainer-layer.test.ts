/** What is put on the image of a devcontainer.json, on images of several makes. Package managers other than apt-get are stand-ins. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { buildRecipe } from "../../src/bottle/image/build-recipe.ts";
import { readRecipes } from "../../src/bottle/image/image-recipes.ts";
import { makeEngine } from "../../src/engine/engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { removeImage } from "../../src/engine/images.ts";
import { ensureAgentImage } from "../support/agent-image.ts";
import { imagesOn } from "../support/docker-platform.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";
import { ensurePlainImage } from "../support/plain-images.ts";
import { runInImage } from "../support/run-in-image.ts";
import { patient } from "../support/patience.ts";

setDefaultTimeout(240_000);
const found = await engineForTests();
const engine = found as Engine;

describe.skipIf(typeof found === "string")("the layer on a devcontainer's image", () => {
  let run: TestRun;
  const made: string[] = [];

  beforeAll(() => {
    run = beginTestRun(engine);
  });
  afterAll(async () => {
    for (const reference of made) await removeImage(engine, reference);
    await run.end();
  });

  async function build(builder: "1" | "2", image: string): Promise<string> {
    const recipes = await readRecipes(
      { dockerfile: undefined, devcontainer: { path: "/d.json", digest: "", notes: [], image } },
      {
        baseImage: await imageForTests(engine),
        claudeVersion: "2.1.330",
        certificates: [],
        readFile: () => Promise.reject(new Error("no Dockerfile")),
        readContext: () => Promise.reject(new Error("no build context")),
      },
    );
    const recipe = recipes.at(-1);
    if (!recipe) throw new Error("There is no recipe");
    const agent = await ensureAgentImage(engine);
    const reference = `${run.name(`layer${builder}`)}:${recipe.inputs.slice(0, 16)}`;
    const images = imagesOn(makeEngine(engine.endpoint, engine.apiVersion, builder));
    const progress = { step: () => undefined, detail: () => undefined, done: () => undefined };
    const options = { force: false, progress, signal: AbortSignal.timeout(patient(200_000)) };
    await buildRecipe(images, { ...recipe, agent, reference }, options);
    made.push(reference);
    return reference;
  }

  test.each(["1", "2"] as const)(
    "installs nothing where all is there, and goes before a Node that is too old (builder %s)",
    async (builder) => {
      const image = await build(builder, await ensurePlainImage(engine, "complete"));
      const script =
        "/usr/local/bin/node; command -v node; command -v claude; node --version; claude --version; id -u node";
      expect((await runInImage(run, image, script)).split("\n")).toEqual([
        "18",
        "/opt/claude-bottle/first/node",
        "/opt/claude-bottle/first/claude",
        expect.stringMatching(/^v22\./),
        expect.stringContaining("(Claude Code)"),
        "1000",
        "",
      ]);
    },
  );

  test("takes Fedora's names from dnf", async () => {
    const image = await build("1", await ensurePlainImage(engine, "fedora"));
    const [packages = "", ...others] = (
      await runInImage(run, image, "cat /packages; node --version; claude --version")
    ).split("\n");
    expect(packages).toStartWith(
      "dnf install -y --setopt=install_weak_deps=False --nodocs bash ca-certificates",
    );
    expect(packages).toContain(" git-core openssh-clients openssh-server procps-ng rsync socat curl");
    expect(others).toEqual([
      "dnf clean all",
      expect.stringMatching(/^v22\./),
      expect.stringContaining("(Claude Code)"),
      "",
    ]);
  });

  test("takes Alpine's names from apk, its Node, and Claude Code from npm, and leaves the image's own Node", async () => {
    const image = await build("1", await ensurePlainImage(engine, "alpine"));
    const script =
      "cat /packages; command -v node; command -v claude; claude; ls /opt/claude-bottle/lib/node_modules";
    expect((await runInImage(run, image, script)).split("\n")).toEqual([
      expect.stringMatching(/^apk add --no-cache bash ca-certificates coreutils curl .*git openssh-client/),
      "apk add --no-cache libgcc libstdc++ nodejs npm ripgrep",
      "npm install -g --prefix /opt/claude-bottle @anthropic-ai/claude-code@2.1.330",
      "npm cache clean --force",
      "/usr/local/bin/node",
      "/opt/claude-bottle/first/claude",
      "own claude",
      "@anthropic-ai",
      "",
    ]);
  });

  test("says what is wrong with an image that lacks programs and a package manager", async () => {
    const { details } = await failureOf(build("1", await ensurePlainImage(engine, "bare")));
    expect(details.join("\n")).toContain("The image has neither apt-get, dnf, microdnf nor apk");
  });
});
