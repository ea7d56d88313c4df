import { expect, test } from "bun:test";
import { makeSetupStore } from "../../../../src/bottle/compose/setups.ts";
import type { Platform } from "../../../../src/bottle/platform/platform.ts";
import type { TreeId } from "../../../../src/bottle/platform/tree-storage.ts";
import type { ImagePlan } from "../../../../src/plan/plan.ts";
import { aPlan } from "../../../support/manifests.ts";

const ids: Readonly<Record<string, string>> = {
  "claude-bottle:own": "sha256:own",
  "node:22": "sha256:node",
  "sha256:node": "sha256:node",
};

/** Which image what is kept is looked for by; undefined where it is not looked for. */
async function lookedFor(differences: Partial<ImagePlan>): Promise<string | undefined> {
  let asked: TreeId | undefined;
  const platform = {
    images: {
      find: (reference: string) => Promise.resolve(ids[reference] && { id: ids[reference] }),
    },
    trees: {
      find: (of: TreeId) => {
        asked = of;
        return Promise.resolve(undefined);
      },
    },
  } as unknown as Platform;
  const store = makeSetupStore(platform, () => Promise.reject(new Error("nothing is launched")));
  await store.findTree("key", { ...aPlan().image, reference: "claude-bottle:own", ...differences });
  return asked?.image;
}

const devcontainer = { path: "/p/d.json", digest: "1", notes: [], image: "node:22" };

/** A launch keeps a setup by the id of what its bottle runs. */
test.each<[string, Partial<ImagePlan>, string | undefined]>([
  ["the default image", {}, "sha256:own"],
  ["an image of others", { reference: "node:22", name: "node:22", resolved: "sha256:node" }, "sha256:node"],
  ["packages on an image of others", { name: "node:22", resolved: "sha256:node" }, "sha256:own"],
  ["a devcontainer.json's image", { devcontainer, resolved: "sha256:node" }, "sha256:own"],
  ["an image that is yet to be built", { state: "build" }, undefined],
  ["an image that is not there", { reference: "none:1" }, undefined],
])("what a setup made in %s is looked for by what the bottle runs", async (_what, image, expected) => {
  expect(await lookedFor(image)).toBe(expected);
});
