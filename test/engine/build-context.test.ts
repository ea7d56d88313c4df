import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmod, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildRecipe } from "../../src/bottle/image/build-recipe.ts";
import { readRecipes } from "../../src/bottle/image/image-recipes.ts";
import type { Recipe } from "../../src/bottle/image/recipe.ts";
import type { RecipeSettings } from "../../src/bottle/image/recipe-settings.ts";
import { makeEngine } from "../../src/engine/engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { removeImage } from "../../src/engine/images.ts";
import { readBuildContext } from "../../src/host/build-context.ts";
import { imagesOn } from "../support/docker-platform.ts";
import { beginTestRun, engineForTests, imageForTests } from "../support/engine-gate.ts";
import type { TestRun } from "../support/engine-gate.ts";
import { failureOf } from "../support/failure.ts";
import { runInImage } from "../support/run-in-image.ts";
import { aFolder, putFiles } from "../support/temporary.ts";

setDefaultTimeout(120_000);
const found = await engineForTests();
const engine = found as Engine;
let base: string;
let run: TestRun;
const made = new Set<string>();

const settings: RecipeSettings = {
  baseImage: "not-used:1",
  claudeVersion: "2.1.330",
  certificates: [],
  readFile: (path) => readFile(path, "utf8"),
  readContext: (request) => readBuildContext(request, { home: "/nowhere/home", state: "/nowhere/state" }),
};

/** The image of the manifest's own Dockerfile, on the base for tests in place of the bottle's */
async function readRecipe(dockerfile: string, context?: string): Promise<Recipe> {
  // Above it is the step that sets the rights of what it has put there
  const recipe = (await readRecipes({ dockerfile, context, name: base }, settings)).at(-2);
  if (!recipe) throw new Error("There is no recipe");
  return recipe;
}

async function build(builder: "1" | "2", recipe: Recipe): Promise<string> {
  const reference = `${run.name(`b${builder}`)}:${recipe.inputs.slice(0, 16)}`;
  made.add(reference);
  const lines: string[] = [];
  const progress = {
    step: () => undefined,
    detail: (line: string) => lines.push(line),
    done: () => undefined,
  };
  await buildRecipe(
    imagesOn(makeEngine(engine.endpoint, engine.apiVersion, builder)),
    { ...recipe, reference },
    { force: false, progress, signal: AbortSignal.timeout(100_000) },
  );
  return reference;
}

const readFrom = (image: string, script: string) => runInImage(run, image, script);

const onBase = (...lines: readonly string[]) =>
  ["ARG BASE_IMAGE", "FROM ${BASE_IMAGE}", ...lines, ""].join("\n");
const listing = "cd /opt && find . -mindepth 1 -printf '%y %m %u %P %l\\n' | sort -k4";

describe.skipIf(typeof found === "string")("a Dockerfile's build context", () => {
  beforeAll(async () => {
    base = await imageForTests(engine);
    run = beginTestRun(engine);
  });
  afterAll(async () => {
    for (const reference of made) await removeImage(engine, reference);
    await run.end();
  });

  test.each(["1", "2"] as const)(
    "is what COPY and ADD take from, without what is ignored (builder %s)",
    async (builder) => {
      const folder = await aFolder({
        "docker/D": onBase("COPY . /opt/", "ADD *.conf /etc/added/"),
        ".dockerignore": "*\n!bin\n!*.conf\n**/*.secret\n",
        "bin/setup.sh": "#!/bin/sh\necho ran\n",
        "bin/key.secret": "hidden",
        "a.conf": "a",
        "node_modules/x": "hidden",
        ".env": "hidden",
        ".git/config": "hidden",
      });
      await chmod(join(folder, "bin/setup.sh"), 0o755);
      await symlink("setup.sh", join(folder, "bin/run"));
      const image = await build(builder, await readRecipe(join(folder, "docker/D"), folder));
      const expected = [
        "f 644 root a.conf",
        "d 755 root bin",
        "l 777 root bin/run setup.sh",
        "f 755 root bin/setup.sh",
      ];
      // BuildKit cannot be told to leave the Dockerfile out of what it is sent
      if (builder === "2") expected.push("d 755 root docker", "f 644 root docker/D");
      const listed = (await readFrom(image, listing)).trim().split("\n");
      expect(listed.map((line) => line.trim())).toEqual(expected);
      expect(await readFrom(image, "/opt/bin/run; cat /etc/added/a.conf")).toBe("ran\na");
    },
  );

  test.each(["1", "2"] as const)(
    "may be another folder than the Dockerfile's (builder %s)",
    async (builder) => {
      const folder = await aFolder({
        D: onBase("COPY a /opt/a", "COPY Dockerfile /opt/theirs"),
        "ctx/a": "a",
        "ctx/Dockerfile": "not this one",
      });
      const image = await build(builder, await readRecipe(join(folder, "D"), join(folder, "ctx")));
      expect(await readFrom(image, "cat /opt/a /opt/theirs")).toBe("anot this one");
    },
  );

  test.each(["1", "2"] as const)("is another image once a file is another (builder %s)", async (builder) => {
    const folder = await aFolder({ D: onBase("COPY a /opt/a"), a: "one", b: "", ".dockerignore": "b\n" });
    const first = await readRecipe(join(folder, "D"), folder);
    // The control of what is not sent: a folder that stayed as it was read is sent and built
    expect(await readFrom(await build(builder, first), "cat /opt/a")).toBe("one");
    await writeFile(join(folder, "b"), "changed");
    expect((await readRecipe(join(folder, "D"), folder)).reference).toBe(first.reference);
    await writeFile(join(folder, "a"), "two");
    const second = await readRecipe(join(folder, "D"), folder);
    expect(second.reference).not.toBe(first.reference);
    expect(await readFrom(await build(builder, second), "cat /opt/a")).toBe("two");
  });

  test.each(["1", "2"] as const)(
    "is not sent once it is another than was read (builder %s)",
    async (builder) => {
      const folder = await aFolder({ D: onBase("COPY . /opt/"), a: "1", z: "1" });
      // Enough that the engine has begun to take it
      await Bun.$`head -c 8000000 /dev/urandom > b`.cwd(folder);
      const recipe = await readRecipe(join(folder, "D"), folder);
      await writeFile(join(folder, "z"), "2");
      const error = await failureOf(build(builder, recipe));
      expect(error.message).toBe(
        `Cannot send the build context: "${join(folder, "z")}" changed after it was shown`,
      );
    },
  );

  test.each(["1", "2"] as const)(
    "is not needed for stages, and the last one is what is run (builder %s)",
    async (builder) => {
      const folder = await aFolder();
      await putFiles(folder, {
        D: [
          "# escape=`",
          "# a comment",
          "arg BASE_IMAGE=node:22",
          "from ${BASE_IMAGE} as tools",
          // The classic builder leaves what a stage made, which only the Dockerfile itself can label
          ...Object.entries(run.labels).map((entry) => `LABEL ${entry.join("=")}`),
          "RUN echo made >/made",
          "FROM `",
          "  # on the same",
          "  ${BASE_IMAGE:-node:22} AS last",
          "COPY --from=tools /made /opt/made",
          "FROM last",
          "",
        ].join("\n"),
      });
      const image = await build(builder, await readRecipe(join(folder, "D")));
      expect(await readFrom(image, "cat /opt/made")).toBe("made\n");
    },
  );
});
