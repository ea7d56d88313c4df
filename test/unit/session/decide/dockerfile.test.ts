import { expect, test } from "bun:test";
import { readBottleImage } from "../../../../src/session/decide/dockerfile.ts";
import { aBottle, aFile } from "../../../support/manifests.ts";

const world = { home: "/home/u", cwd: "/code/p/deep" };

test.each([
  ["./docker/D", ".", "/code/p/docker/D", "/code/p"],
  ["D", "./docker/", "/code/p/D", "/code/p/docker"],
  ["../D", "../other", "/code/D", "/code/other"],
  ["~/D", "~/files", "/home/u/D", "/home/u/files"],
  ["/etc/D", "/srv", "/etc/D", "/srv"],
])(
  "a Dockerfile %j and its build context %j are relative to the manifest",
  async (dockerfile, context, at, folder) => {
    const bottle = aBottle({ image: { dockerfile, context } });
    const { request } = await readBottleImage(bottle, [aFile({})], world);
    expect(request).toMatchObject({ dockerfile: at, context: folder });
  },
);

test("a bottle without them has none", async () => {
  const { request } = await readBottleImage(aBottle(), [aFile({})], world);
  expect(request).toEqual({
    dockerfile: undefined,
    context: undefined,
    name: undefined,
    packages: undefined,
  });
});
