import { describe, expect, test } from "bun:test";
import { agentLabel, baseLabel, inputsLabel } from "../../../../src/bottle/image/build-recipe.ts";
import { ensureImage, observeImage } from "../../../../src/bottle/image/image.ts";
import type { ImageSettings } from "../../../../src/bottle/image/image.ts";
import { readRecipes } from "../../../../src/bottle/image/image-recipes.ts";
import type { FoundImage, Images } from "../../../../src/bottle/platform/images.ts";
import { failureOf } from "../../../support/failure.ts";

const settings: ImageSettings = {
  image: undefined,
  baseImage: "base:1",
  claudeVersion: "2.1.330",
  certificatesPath: undefined,
  readFile: () => Promise.reject(new Error("no file")),
  readContext: () => Promise.reject(new Error("no build context")),
};
const devcontainer = { path: "/p/d.json", digest: "1", notes: [], image: "debian:12" };
const request = { dockerfile: undefined, devcontainer };

/** An engine with these images, which notes what it is asked to get and to build */
function imagesWith(found: Readonly<Record<string, FoundImage>>) {
  const calls: string[] = [];
  const images = {
    find: (reference: string) => Promise.resolve(found[reference]),
    pull: (reference: string) => Promise.resolve(void calls.push(`pull ${reference}`)),
    build: ({ tag, buildArgs, target }: Parameters<Images["build"]>[0]) =>
      Promise.resolve(void calls.push(`build ${tag} ${JSON.stringify({ ...buildArgs, target })}`)),
  } as unknown as Images;
  return { images, calls };
}

async function makeWhole() {
  const [agent, layer] = await readRecipes(request, { ...settings, certificates: [] });
  if (!agent || !layer) throw new Error("There is no recipe");
  const image = (id: string, labels: Record<string, string> = {}) => ({ id, labels, created: "" });
  const whole: Record<string, FoundImage> = {
    "base:1": image("sha256:base"),
    "debian:12": image("sha256:debian"),
    [agent.reference]: image("sha256:agent", { [inputsLabel]: agent.inputs, [baseLabel]: "sha256:base" }),
    [layer.reference]: image("sha256:layer", {
      [inputsLabel]: layer.inputs,
      [baseLabel]: "sha256:debian",
      [agentLabel]: "sha256:agent",
    }),
  };
  return { agent, layer, whole };
}

describe("the image of a devcontainer.json", () => {
  test("is there once it was built on what its name and the default image are now", async () => {
    const { agent, layer, whole } = await makeWhole();
    const observe = (found: Readonly<Record<string, FoundImage>>) =>
      observeImage(imagesWith(found).images, request, settings);
    expect(await observe(whole)).toMatchObject({
      state: "exists",
      reference: layer.reference,
      sidecarReference: agent.reference,
      baseImage: "debian:12",
      resolved: "sha256:debian",
      devcontainer,
    });
    const other: FoundImage = { id: "sha256:other", labels: {}, created: "" };
    expect(await observe({ ...whole, "debian:12": other })).toMatchObject({
      state: "build",
      resolved: "sha256:other",
    });
    const { labels = {} } = whole[agent.reference] ?? {};
    const rebuilt = { ...whole, [agent.reference]: { ...other, labels } };
    expect(await observe(rebuilt)).toMatchObject({ state: "build" });
    // What was built on it still says what it was
    const { "debian:12": _, ...removed } = whole;
    expect(await observe(removed)).toMatchObject({ state: "exists", resolved: "sha256:debian" });
    expect(await observe({})).toMatchObject({ state: "build", resolved: "absent" });
  });

  test("is built on an image that is fetched if it is not there, and leaves a default image that is", async () => {
    const { agent, layer, whole } = await makeWhole();
    const { "debian:12": _, [layer.reference]: __, ...found } = whole;
    const { images, calls } = imagesWith(found);
    const nothing = () => undefined;
    const options = {
      force: false,
      progress: { step: nothing, detail: nothing, done: nothing },
      signal: AbortSignal.timeout(10_000),
    };
    expect(await ensureImage(images, request, settings, options)).toBe(layer.reference);
    const args = { BASE_IMAGE: "debian:12", CLAUDE_VERSION: "2.1.330", AGENT_IMAGE: agent.reference };
    expect(calls).toEqual(["pull debian:12", `build ${layer.reference} ${JSON.stringify(args)}`]);
    const other = { ...options, expected: "claude-bottle:other" };
    const { message } = await failureOf(ensureImage(images, request, settings, other));
    expect(message).toContain("changed after the plan was shown");
  });
});
