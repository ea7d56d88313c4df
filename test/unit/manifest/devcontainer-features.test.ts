/** Features of a devcontainer.json: folders beside it are taken, and what would be fetched is refused with the way that there is. */
import { describe, expect, test } from "bun:test";
import { orderFeatures } from "../../../src/manifest/devcontainer/order-features.ts";
import { parseDevcontainer } from "../../../src/manifest/devcontainer/parse-devcontainer.ts";
import { parseFeature } from "../../../src/manifest/devcontainer/parse-feature.ts";
import { failureFrom } from "../../support/failure-from.ts";

const read = (features: unknown) => parseDevcontainer(JSON.stringify({ image: "a", features }), "d.json");
const withoutPlace = (line: string) => line.replace(/^\S+:\d+:\d+ {2}/, "");
const problemsOf = (features: unknown) => failureFrom(() => read(features)).details.map(withoutPlace);
const featureProblemsOf = (value: unknown) =>
  failureFrom(() => parseFeature(JSON.stringify(value), "f.json")).details.map(withoutPlace);

describe("the features of a devcontainer.json", () => {
  test("are folders beside it, with options as texts", () => {
    expect(
      read({ "./tools": {}, "./a/b-c_d.1": { version: "1.2", debug: true, count: 3 } }).features,
    ).toEqual([
      { id: "./tools", options: {} },
      { id: "./a/b-c_d.1", options: { version: "1.2", debug: "true", count: "3" } },
    ]);
    expect(read({ "./a": "lts", "./b": true, "./c": null }).features.map((one) => one.options)).toEqual([
      { version: "lts" },
      {},
      {},
    ]);
    for (const nothing of [undefined, null, {}]) expect(read(nothing).features).toEqual([]);
  });

  test("are refused where they would be fetched, each with what to write instead", () => {
    const pinned = `ghcr.io/x/go@sha256:${"0".repeat(64)}`;
    const found = problemsOf({
      "ghcr.io/x/node:1": {},
      [pinned]: {},
      "https://x.test/devcontainer-feature-a.tgz": {},
    });
    expect(found).toEqual([
      expect.stringMatching(
        /^features\["ghcr\.io\/x\/node:1"\] is published in a registry, .* write "\.\/NAME"/,
      ),
      expect.stringContaining("is published in a registry"),
      expect.stringContaining(
        "is an archive that would be fetched, and features are taken from folders only",
      ),
    ]);
  });

  test("are refused outside of the file's folder, and with what would be more than a word", () => {
    for (const id of ["../a", "/a", "./", "./a/../b", "./.git", "./a b", "./a\u001b", "./a/b/c/d/e"])
      expect(problemsOf({ [id]: {} })[0]).toContain("must be a folder below that of devcontainer.json");
    for (const options of [{ a: "x\ny" }, { a: {} }, { a: null }, "a\u001b", ["a"], false])
      expect(problemsOf({ "./a": options })[0]).toContain("has options that are no texts of one line");
    expect(problemsOf(["a"])).toEqual(["features must be an object of features and their options"]);
  });
});

describe("a feature's own file", () => {
  test("says its options, variables and order", () => {
    const text = `{ // why
      "id": "go", "version": "1.0.0",
      "options": { "version": { "type": "string", "default": "latest" }, "with-tools": { "default": true }, "3x": { "default": 1 }, "none": {} },
      "containerEnv": { "PATH": "/usr/local/go/bin:\${PATH}" },
      "installsAfter": ["ghcr.io/devcontainers/features/common-utils"],
      "postCreateCommand": "true", "entrypoint": "", "customizations": { "x": 1 }
    }`;
    expect(parseFeature(text, "f.json")).toEqual({
      name: "go",
      defaults: { VERSION: "latest", WITH_TOOLS: "true", _X: "1" },
      containerEnv: { PATH: "/usr/local/go/bin:${PATH}" },
      after: ["ghcr.io/devcontainers/features/common-utils"],
      notes: ["postCreateCommand does not run"],
    });
  });

  test("is refused with what would take a wall down or be fetched, and not if that asks for nothing", () => {
    const keys = {
      privileged: true,
      capAdd: ["SYS_PTRACE"],
      securityOpt: ["x"],
      mounts: [{}],
      dependsOn: { a: {} },
    };
    for (const [key, value] of Object.entries(keys)) {
      expect(featureProblemsOf({ [key]: value })).toEqual([expect.stringMatching(new RegExp(`^${key} `))]);
      expect(
        parseFeature(JSON.stringify({ [key]: Array.isArray(value) ? [] : false }), "f.json").notes,
      ).toEqual([]);
    }
    expect(featureProblemsOf({ containerEnv: { "A B": "1", C: "x\ny", D: 1 } })).toHaveLength(3);
    expect(featureProblemsOf({ options: { a: { default: "x\ny" } } })).toHaveLength(1);
    expect(featureProblemsOf({ installsAfter: "x" })).toEqual(["installsAfter must be a list of texts"]);
    expect(featureProblemsOf([])).toEqual([expect.stringContaining("must be an object")]);
  });
});

describe("the order of features", () => {
  const one = (id: string, after: string[] = [], name = id.slice(2)) => ({ id, name, after });
  const order = (...features: ReturnType<typeof one>[]) => orderFeatures(features).map(({ id }) => id);

  test("is that of the file, each after those that it names", () => {
    expect(order(one("./a"), one("./b"))).toEqual(["./a", "./b"]);
    expect(order(one("./a", ["ghcr.io/x/features/c:2"]), one("./b", ["./a"]), one("./c"))).toEqual([
      "./c",
      "./a",
      "./b",
    ]);
    expect(order(one("./a", ["elsewhere"]), one("./b", [], ""))).toEqual(["./a", "./b"]);
  });

  test("comes to an end in a circle", () => {
    expect(order(one("./a", ["./b"]), one("./b", ["./a"])).toSorted()).toEqual(["./a", "./b"]);
    expect(order(one("./a", ["./a"]))).toEqual(["./a"]);
  });
});
