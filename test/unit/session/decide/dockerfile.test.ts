import { expect, test } from "bun:test";
import { makeImageRequest } from "../../../../src/session/decide/dockerfile.ts";
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
  (dockerfile, context, at, folder) => {
    const bottle = aBottle({ image: { dockerfile, context } });
    expect(makeImageRequest(bottle, [aFile({})], world)).toMatchObject({ dockerfile: at, context: folder });
  },
);

test("a bottle without them has none", () => {
  expect(makeImageRequest(aBottle(), [aFile({})], world)).toEqual({
    dockerfile: undefined,
    context: undefined,
    name: undefined,
    packages: undefined,
  });
});
