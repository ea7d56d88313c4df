import { describe, expect, test } from "bun:test";
import { aBottle, problemsOf } from "../../support/manifests.ts";

const bottleWith = (keys: Record<string, unknown>) => ({ bottles: { b: keys } });

describe("what a manifest says about the image", () => {
  test("is a name, packages without repetition in a fixed order, or nothing", () => {
    const bottle = aBottle({
      image: { name: "registry.example:5000/team/agent:2" },
      packages: { apt: ["g++", "jq=1.6-2.1+deb12u1", "jq=1.6-2.1+deb12u1"], npm: ["@scope/tool@1.2.3", "a"] },
    });
    expect(bottle.imageName).toBe("registry.example:5000/team/agent:2");
    expect(bottle.packages).toEqual({ apt: ["g++", "jq=1.6-2.1+deb12u1"], npm: ["@scope/tool@1.2.3", "a"] });
    expect(aBottle({ packages: { apt: [] } }).packages).toBeUndefined();
  });

  test.each(["curl-", "-y", "x'y", "a b", "a;b", "$(id)", "./local.deb", "UPPER", "jq=1.6-"])(
    "refuses %j as a Debian package",
    (name) => {
      expect(problemsOf(bottleWith({ packages: { apt: [name] } }))).toEqual([
        `bottles.b.packages.apt[0] must be the name of a Debian package, with =VERSION at most, not ${JSON.stringify(name)}`,
      ]);
    },
  );

  test.each([
    "-g",
    "../x",
    "https://x.example/y.tgz",
    "git+ssh://x",
    "a b",
    "a@>1",
    "a'b",
    "@scope",
    "file:x",
  ])("refuses %j as an npm package", (name) => {
    expect(problemsOf(bottleWith({ packages: { npm: [name] } })).length).toBe(1);
  });

  test.each(["--help", "a b", "Upper/case", "x:", "a@sha256:1"])("refuses %j as an image", (name) => {
    expect(problemsOf(bottleWith({ image: { name } })).length).toBe(1);
  });

  test("takes a folder to copy from with a Dockerfile, and not without one", () => {
    expect(aBottle({ image: { dockerfile: "d", context: "." } })).toMatchObject({
      dockerfile: "d",
      buildContext: ".",
    });
    expect(problemsOf(bottleWith({ image: { context: "." } }))).toEqual([
      "bottles.b.image has context without dockerfile, and nothing else is built from it",
    ]);
    for (const context of ["", "a\u0000b"]) {
      expect(problemsOf(bottleWith({ image: { dockerfile: "d", context } }))).toEqual([
        expect.stringContaining("bottles.b.image.context must be a path"),
      ]);
    }
  });

  test("takes a devcontainer.json by its usual place or by a path, and nothing beside it", () => {
    expect(aBottle({ image: { devcontainer: true } }).devcontainer).toBe(true);
    expect(aBottle({ image: { devcontainer: "dev/d.json" } }).devcontainer).toBe("dev/d.json");
    for (const devcontainer of [false, "", 1, "a\u0000b"])
      expect(problemsOf(bottleWith({ image: { devcontainer } }))).toEqual([
        expect.stringContaining("bottles.b.image.devcontainer must be"),
      ]);
    for (const other of [{ dockerfile: "D" }, { name: "a" }])
      expect(problemsOf(bottleWith({ image: { devcontainer: true, ...other } }))).toEqual([
        "bottles.b.image has devcontainer beside dockerfile or name; keep one",
      ]);
  });

  test("takes a Dockerfile or a name, not both", () => {
    expect(problemsOf(bottleWith({ image: { dockerfile: "x", name: "y" } }))).toEqual([
      "bottles.b.image has both dockerfile and name; keep one",
    ]);
  });
});
