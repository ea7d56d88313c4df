import { describe, expect, test } from "bun:test";
import { findSidecarImage, readRecipes } from "../../../../src/bottle/image/image-recipes.ts";
import type { RecipeSettings } from "../../../../src/bottle/image/recipe-settings.ts";
import type { DevcontainerPlan } from "../../../../src/plan/devcontainer-plan.ts";
import { failureOf } from "../../../support/failure.ts";

const settings: RecipeSettings = {
  baseImage: "base:1",
  claudeVersion: "2.1.330",
  certificates: [],
  readFile: () => Promise.resolve("FROM theirs:1\nRUN true\n"),
  readContext: ({ folder }) =>
    Promise.resolve({
      directory: folder,
      entries: [],
      count: 0,
      bytes: 0,
      digest: "1",
      dockerfile: "D",
      hidesDockerfile: false,
      isHome: false,
    }),
};
const common = { path: "/p/devcontainer.json", digest: "d", notes: [] };
const ofImage: DevcontainerPlan = { ...common, image: "debian:12" };
const build: NonNullable<DevcontainerPlan["build"]> = {
  dockerfile: "/p/D",
  context: "/p",
  args: { A: "1", B: "2" },
  target: "dev",
};
const ofBuild: DevcontainerPlan = { ...common, build };
const readOf = (devcontainer: DevcontainerPlan, more: Partial<RecipeSettings> = {}) =>
  readRecipes({ dockerfile: undefined, devcontainer }, { ...settings, ...more });

describe("what is built for a devcontainer.json", () => {
  test("is a layer on its image, with Claude Code of the default image, from which the sidecar runs", async () => {
    const [agent, layer, ...others] = await readOf(ofImage);
    expect(others).toEqual([]);
    expect(agent).toMatchObject({ base: "base:1", isAddition: false });
    expect(layer).toMatchObject({ base: "debian:12", agent: agent?.reference, isAddition: true });
    expect(layer?.dockerfile).toEndWith("USER 1000\n");
    const both = await readOf(ofImage);
    expect(findSidecarImage(both)).toBe(agent?.reference);
    // The control: of an image that a manifest names itself there is no other one to run it from
    const named = await readRecipes({ dockerfile: undefined, name: "debian:12" }, settings);
    expect(named).toEqual([]);
  });

  test("is an image more for each feature, on top, with its options as words of the shell alone", async () => {
    const feature = (id: string) => ({
      id,
      folder: `/p/${id}`,
      options: { VERSION: "it's $(id)", DEBUG: "true" },
      containerEnv: { PATH: '/x:${PATH}"\\' },
    });
    const features = [feature("./a"), feature("./b")];
    const [agent, layer, first, second] = await readOf({ ...ofImage, features });
    expect(first).toMatchObject({ base: layer?.reference, feature: "./a", isOwn: false, isAddition: true });
    expect(second).toMatchObject({ base: first?.reference, feature: "./b" });
    expect(first?.context?.directory).toBe("/p/./a");
    const lines = first?.dockerfile.split("\n") ?? [];
    expect(lines).toContain('ENV PATH="/x:${PATH}\\"\\\\"');
    expect(lines.find((line) => line.startsWith("RUN chmod"))).toContain(
      "VERSION='it'\\''s $(id)' DEBUG='true' ./install.sh && rm -rf",
    );
    expect(first?.dockerfile).toEndWith("USER 1000\n");
    expect(findSidecarImage(await readOf({ ...ofImage, features }))).toBe(agent?.reference);
    // Another content of a folder is another image, and so is all that stands on it
    const readContext: RecipeSettings["readContext"] = async (asked) => ({
      ...(await settings.readContext(asked)),
      digest: asked.folder.endsWith("a") ? "2" : "1",
    });
    const other = await readOf({ ...ofImage, features }, { readContext });
    expect(other[1]?.reference).toBe(layer?.reference);
    expect([other[2]?.reference === first?.reference, other[3]?.reference === second?.reference]).toEqual([
      false,
      false,
    ]);
  });

  test("is its own Dockerfile first, which starts from what it likes and gets its own arguments alone", async () => {
    const [agent, own, layer] = await readOf(ofBuild);
    expect(own).toMatchObject({
      dockerfile: "FROM theirs:1\nRUN true\n",
      base: undefined,
      buildArgs: build.args,
      target: "dev",
      isOwn: true,
      isAddition: true,
    });
    expect(layer).toMatchObject({ base: own?.reference, agent: agent?.reference, isOwn: false });
  });

  test("is another image with other arguments, another stage or other files, and the same in another order", async () => {
    const nameOf = async (changes: Partial<typeof build>, more: Partial<RecipeSettings> = {}) =>
      (await readOf({ ...common, build: { ...build, ...changes } }, more)).at(-1)?.reference;
    const first = await nameOf({});
    expect(await nameOf({ args: { B: "2", A: "1" } })).toBe(first);
    const others = await Promise.all([
      nameOf({ args: { A: "1" } }),
      nameOf({ target: "other" }),
      nameOf({}, { readFile: () => Promise.resolve("FROM theirs:2\n") }),
      nameOf(
        {},
        { readContext: async (request) => ({ ...(await settings.readContext(request)), digest: "2" }) },
      ),
      nameOf({}, { certificates: ["one"] }),
    ]);
    expect(new Set([first, ...others]).size).toBe(6);
  });

  test("has packages on top, and the certificates of a company's network", async () => {
    const packages = { apt: ["jq"], npm: ["a"] };
    const recipes = await readRecipes(
      { dockerfile: undefined, devcontainer: ofImage, packages },
      { ...settings, certificates: ["one", "two"] },
    );
    expect(recipes).toHaveLength(4);
    expect(recipes.at(-1)?.dockerfile).toEndWith("USER 1000\n");
    const layer = recipes.at(-2);
    expect(layer?.dockerfile).toContain("ENV NODE_EXTRA_CA_CERTS=");
    expect(layer?.files.map((file) => file.path)).toEqual([
      "layer/extra-1.crt",
      "layer/extra-2.crt",
      "layer/layer.sh",
    ]);
    expect((await readOf(ofImage)).at(-1)?.dockerfile).not.toContain("NODE_EXTRA_CA_CERTS");
  });

  test("refuses a Dockerfile that two builders read differently", async () => {
    const readFile = () => Promise.resolve("# syntax=evil/frontend\nFROM a\n");
    const { message } = await failureOf(readOf(ofBuild, { readFile }));
    expect(message).toContain("names a builder of its own");
  });
});
