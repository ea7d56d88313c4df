import { expect, test } from "bun:test";
import {
  findNamers,
  findReachingTests,
  measureDistances,
} from "../../../../scripts/lib/mutate/test-graph.ts";

const files = new Map([
  ["src/host/a.ts", ""],
  ["src/host/b.ts", 'import { a } from "./a.ts";'],
  ["src/sidecar/gate/main.ts", 'import { b } from "../../host/b.ts";'],
  ["src/sidecar/programs.ts", 'import gate from "./bundled/gate.txt" with { type: "text" };'],
  ["src/main.ts", 'await import("./sidecar/programs.ts");'],
  ["test/support/run.ts", 'const main = join(import.meta.dir, "../../src/main.ts");'],
  ["test/unit/host/a.test.ts", 'import { b } from "../../../src/host/b.ts";'],
  ["test/unit/host/b.test.ts", 'import { b } from "../../../src/host/b.ts";'],
  ["test/unit/near.test.ts", 'import { a } from "../../src/host/a.ts";'],
  ["test/socket/far.test.ts", 'import { run } from "../support/run.ts";'],
  ["test/unit/other.test.ts", 'import { c } from "../../src/host/c.ts";'],
  ["test/engine/a.test.ts", 'import { run } from "../support/run.ts";'],
]);

const namers = findNamers(files, { "src/sidecar/bundled/gate.txt": "src/sidecar/gate/main.ts" });
const distances = measureDistances("src/host/a.ts", namers);

test("the twin comes first, then the nearest, over bundles and programs that are started too", () => {
  expect(findReachingTests("src/host/a.ts", distances, ["test/unit", "test/socket"])).toEqual([
    "test/unit/host/a.test.ts",
    "test/unit/near.test.ts",
    "test/unit/host/b.test.ts",
    "test/socket/far.test.ts",
  ]);
});

test("only tests of the tiers that are asked", () => {
  expect(findReachingTests("src/host/a.ts", distances, ["test/engine"])).toEqual(["test/engine/a.test.ts"]);
});

test("what is bundled leads to the program", () => {
  expect(distances.get("src/sidecar/gate/main.ts")).toBe(2);
  expect(measureDistances("src/main.ts", namers).has("src/sidecar/gate/main.ts")).toBe(false);
});

test("files that name each other end", () => {
  const circle = new Map([
    ["src/a.ts", 'import "./b.ts";'],
    ["src/b.ts", 'import "./a.ts";'],
  ]);
  expect([...measureDistances("src/a.ts", findNamers(circle, {})).keys()]).toEqual(["src/a.ts", "src/b.ts"]);
});
