import { describe, expect, test } from "bun:test";
import { findCircles, graphFiles, graphFolders } from "../../../scripts/lib/import-circles.ts";

function graph(sources: Readonly<Record<string, string>>) {
  return graphFiles(new Map(Object.entries(sources)));
}

describe("findCircles() of files", () => {
  test("finds none where all imports go one way", () => {
    const files = graph({
      "src/a.ts": 'import { b } from "./b.ts";\nimport { c } from "./c.ts";',
      "src/b.ts": 'import { c } from "./c.ts";',
      "src/c.ts": 'import { d } from "node:fs";',
    });
    expect(findCircles(files)).toEqual([]);
  });

  test.each([
    ["values", 'import { a } from "./a.ts";'],
    ["types", 'import type { A } from "./a.ts";'],
    ["what is loaded late", 'await import("./a.ts");'],
    ["what is passed on", 'export * from "./a.ts";'],
  ])("finds one that is closed by %s", (_, back) => {
    const files = graph({
      "src/a.ts": 'import { b } from "./b.ts";',
      "src/b.ts": 'import { c } from "./c.ts";',
      "src/c.ts": back,
    });
    expect(findCircles(files)).toEqual([["src/a.ts", "src/b.ts", "src/c.ts", "src/a.ts"]]);
  });

  test("tells the shortest of a knot once, and another knot too", () => {
    const files = graph({
      "src/a.ts": 'import "./b.ts";\nimport "./d.ts";',
      "src/b.ts": 'import "./a.ts";\nimport "./c.ts";',
      "src/c.ts": 'import "./a.ts";',
      "src/d.ts": 'import "./e.ts";',
      "src/e.ts": 'import "./d.ts";',
    });
    expect(findCircles(files)).toEqual([
      ["src/a.ts", "src/b.ts", "src/a.ts"],
      ["src/d.ts", "src/e.ts", "src/d.ts"],
    ]);
  });
});

describe("findCircles() of folders", () => {
  test("finds two folders whose files need each other, though no file is in a circle", () => {
    const files = graph({
      "src/one/a.ts": 'import "../two/b.ts";',
      "src/one/c.ts": "",
      "src/two/b.ts": "",
      "src/two/d.ts": 'import "../one/c.ts";',
    });
    expect(findCircles(files)).toEqual([]);
    expect(findCircles(graphFolders(files))).toEqual([["src/one", "src/two", "src/one"]]);
  });

  test("takes a folder within another for one of its own", () => {
    const files = graph({
      "src/one/a.ts": 'import "./two/b.ts";',
      "src/one/c.ts": "",
      "src/one/two/b.ts": 'import "../c.ts";',
    });
    expect(findCircles(graphFolders(files))).toEqual([["src/one", "src/one/two", "src/one"]]);
    const apart = graph({
      "src/one/a.ts": 'import "./two/b.ts";\nimport "./c.ts";',
      "src/one/c.ts": "",
      "src/one/two/b.ts": "",
    });
    expect(findCircles(graphFolders(apart))).toEqual([]);
  });
});
