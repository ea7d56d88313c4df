import { describe, expect, test } from "bun:test";
import { maskSource } from "../../../scripts/lib/layers-mask.ts";
import { checkSource } from "../../../scripts/lib/layers-rules.ts";
import { findFunctions, findImports } from "../../../scripts/lib/layers-scan.ts";
import { layers } from "../../../scripts/lib/layers.ts";

/** What is wrong, as the script prints it, without the path. */
function check(path: string, text: string): string[] {
  return checkSource(path, text).map(({ line, rule }) => `${line} ${rule}`);
}

function lines(count: number): string {
  return "f();\n".repeat(count);
}

describe("checkSource() on imports", () => {
  test.each([
    ["a value", "src/core/a.ts", 'import { b } from "../engine/b.ts";'],
    ["a type", "src/core/a.ts", 'import type { B } from "../engine/b.ts";'],
    ["a module of many lines", "src/core/a.ts", 'import {\n  b,\n  c,\n} from "../engine/b.ts";'],
    ["a module for its effects", "src/core/a.ts", 'import "../engine/b.ts";'],
    ["what it passes on", "src/core/a.ts", 'export * from "../engine/b.ts";'],
    ["a module when it is needed", "src/core/a.ts", 'const b = await import("../engine/b.ts");'],
    ["a type in place", "src/core/a.ts", 'let b: typeof import("../engine/b.ts");'],
    ["a module by require", "src/core/a.ts", 'const b = require("../engine/b.ts");'],
  ])("refuses %s of a layer below", (_, path, text) => {
    expect(check(path, text).map((line) => line.replace(/^\d+ /, ""))).toEqual([
      "core may not import src/engine/b.ts",
    ]);
  });

  test("says the line", () => {
    expect(checkSource("src/core/a.ts", '\n\nimport {\n  b,\n} from "../engine/b.ts";')).toEqual([
      { path: "src/core/a.ts", line: 5, rule: "core may not import src/engine/b.ts" },
    ]);
  });

  test.each([
    ["src/manifest/a.ts", "../plan/b.ts", "manifest may not import src/plan/b.ts"],
    ["src/engine/a.ts", "../host/b.ts", "engine may not import src/host/b.ts"],
    ["src/host/a.ts", "../manifest/b.ts", "host may not import src/manifest/b.ts"],
    ["src/plan/a.ts", "../engine/b.ts", "plan may not import src/engine/b.ts"],
    ["src/bottle/a.ts", "./docker/b.ts", "bottle may not import src/bottle/docker/b.ts"],
    ["src/bottle/docker/a.ts", "../../host/b.ts", "bottle/docker may not import src/host/b.ts"],
    ["src/bottle/docker/live/a.ts", "../../../cli/b.ts", "bottle/docker may not import src/cli/b.ts"],
    [
      "src/bottle/docker/a.ts",
      "../../sidecar/gate/proxy.ts",
      "bottle/docker may not import src/sidecar/gate/proxy.ts",
    ],
    ["src/bottle/gate/a.ts", "../docker/b.ts", "bottle/gate may not import src/bottle/docker/b.ts"],
    ["src/bottle/agent/a.ts", "../../engine/b.ts", "bottle/agent may not import src/engine/b.ts"],
    ["src/bottle/verify/a.ts", "../work/b.ts", "bottle/verify may not import src/bottle/work/b.ts"],
    ["src/protocol/a.ts", "../sidecar/gate/b.ts", "protocol may not import src/sidecar/gate/b.ts"],
    ["src/core/a.ts", "./time/b.ts", "core may not import src/core/time/b.ts"],
    ["src/sidecar/gate/a.ts", "../../plan/b.ts", "sidecar may not import src/plan/b.ts"],
    ["src/cli/a.ts", "../engine/b.ts", "cli may not import src/engine/b.ts"],
    ["src/cli/a.ts", "../bottle/docker/b.ts", "cli may not import src/bottle/docker/b.ts"],
    ["src/cli/commands/a.ts", "../../wiring.ts", "cli may not import src/wiring.ts"],
    ["src/cli/a.ts", "../../scripts/b.ts", '"scripts/b.ts" is outside src'],
  ])("refuses %s to import %s", (path, specifier, rule) => {
    expect(check(path, `import { b } from "${specifier}";`)).toEqual([`1 ${rule}`]);
  });

  const product = Object.keys(layers).filter(
    (one) => one.startsWith("bottle/") && !["bottle/platform", "bottle/docker"].includes(one),
  );

  test("keeps the product and the platform apart: each knows the port and not the other", () => {
    for (const layer of product) {
      const above = `src/${layer}/a.ts`;
      for (const below of ["bottle/docker", "engine"])
        expect(check(above, `import { b } from "../../${below}/b.ts";`)).toEqual([
          `1 ${layer} may not import src/${below}/b.ts`,
        ]);
      expect(check("src/bottle/docker/a.ts", `import { b } from "../../${layer}/b.ts";`)).toEqual([
        `1 bottle/docker may not import src/${layer}/b.ts`,
      ]);
      expect(check("src/bottle/platform/a.ts", `import { b } from "../../${layer}/b.ts";`)).toEqual([
        `1 bottle/platform may not import src/${layer}/b.ts`,
      ]);
    }
    expect(product.length).toBeGreaterThan(10);
  });

  test.each([
    ["src/core/a.ts", "./b.ts"],
    ["src/plan/a.ts", "../manifest/b.ts"],
    ["src/bottle/docker/live/a.ts", "../../../engine/b.ts"],
    ["src/bottle/docker/a.ts", "../bottle.ts"],
    ["src/bottle/docker/doctor/a.ts", "../../platform/b.ts"],
    ["src/bottle/gate/a.ts", "../../protocol/gate.ts"],
    ["src/bottle/work/a.ts", "../../sidecar/programs.ts"],
    ["src/cli/commands/a.ts", "../../host/b.ts"],
    ["src/wiring.ts", "./bottle/compose/b.ts"],
  ])("lets %s import %s", (path, specifier) => {
    expect(check(path, `import { b } from "${specifier}";`)).toEqual([]);
  });

  test("lets a layer that may see types see nothing else", () => {
    const path = "src/bottle/docker/a.ts";
    expect(check(path, 'import type { B } from "../../protocol/b.ts";')).toEqual([]);
    expect(check(path, 'import { b } from "../../protocol/b.ts";')).toEqual([
      "1 bottle/docker may import only types of protocol",
    ]);
  });

  test.each([
    ["src/cli/a.ts", "valibot", 'cli may not import the package "valibot"'],
    [
      "src/core/a.ts",
      "@valibot/to-json-schema/x",
      'core may not import the package "@valibot/to-json-schema"',
    ],
    ["src/manifest/a.ts", "citty", 'manifest may not import the package "citty"'],
    ["src/host/a.ts", "modern-tar", 'host may not import the package "modern-tar"'],
    ["src/core/a.ts", "node:path", 'core may not import "node:path"'],
    ["src/plan/a.ts", "node:fs", 'plan may not import "node:fs"'],
    ["src/cli/a.ts", "bun:ffi", 'cli may not import "bun:ffi"'],
    ["src/sidecar/gate/a.ts", "bun", 'sidecar may not import "bun"'],
    ["src/engine/a.ts", "fs", '"fs" is written "node:fs"'],
    ["src/host/a.ts", "node:process", "process is the global one, so that its uses are seen"],
  ])("refuses %s the module %s", (path, specifier, rule) => {
    expect(check(path, `import * as b from "${specifier}";`)).toEqual([`1 ${rule}`]);
  });

  test.each([
    ["src/manifest/a.ts", "valibot"],
    ["src/manifest/a.ts", "@valibot/to-json-schema"],
    ["src/archive/a.ts", "modern-tar"],
    ["src/cli/a.ts", "citty"],
    ["src/plan/a.ts", "node:crypto"],
    ["src/host/a.ts", "bun:ffi"],
    ["src/sidecar/gate/a.ts", "node:net"],
  ])("lets %s have the module %s", (path, specifier) => {
    expect(check(path, `import * as b from "${specifier}";`)).toEqual([]);
  });

  test("refuses an import that it cannot follow", () => {
    expect(check("src/cli/a.ts", "await import(name);\nrequire(`./${name}`);")).toEqual([
      "1 an import is a plain string, or nobody can check it",
      "2 an import is a plain string, or nobody can check it",
    ]);
  });

  test("is not led astray by comments, texts and patterns", () => {
    const text = [
      '// import x from "../cli/a.ts"',
      '/* require("fs") process.exit(1) */',
      "const a = 'import(\"../cli/a.ts\")';",
      'const b = `${a.split("x").map((x) => `}${x}`).join("")} from "../cli/a.ts" process.env`;',
      "const c = /[/\"'`] from process.env/.test(a);",
      'const d = Array.from("abc"), from = 1 / 2 / 3;',
    ].join("\n");
    expect(check("src/core/a.ts", text)).toEqual([]);
  });
});

describe("checkSource() on the outside", () => {
  const onlyRoot =
    "only src/main.ts and src/wiring.ts read the environment and the command line and end the process";
  test.each([
    ["src/host/a.ts", 'process.env["HOME"]', onlyRoot],
    ["src/host/a.ts", "globalThis.process?.argv", onlyRoot],
    ["src/cli/a.ts", "process.exit(1)", onlyRoot],
    ["src/engine/a.ts", "process.exitCode = 1", onlyRoot],
    ["src/engine/a.ts", "Bun.env.HOME", onlyRoot],
    ["src/host/a.ts", 'process["env"]', "process[…] hides which part of it is used"],
    ["src/host/a.ts", "const { env } = process", "taking process apart hides which part of it is used"],
    ["src/host/a.ts", "import.meta.env.HOME", "only src/main.ts and src/wiring.ts read the environment"],
    ["src/core/a.ts", "process.pid", "core may not touch process"],
    ["src/engine/a.ts", "process.on('exit', f)", "engine may not touch process"],
    ["src/cli/a.ts", "f(process)", "cli may not touch process"],
    ["src/manifest/a.ts", "Bun.file(x)", "manifest may not touch Bun"],
    ["src/sidecar/gate/a.ts", "Bun.file(x)", "sidecar may not touch Bun"],
    ["src/plan/a.ts", "fetch(x)", "plan may not fetch"],
    ["src/cli/a.ts", "make(fetch, x)", "cli may not fetch"],
    ["src/core/a.ts", "Date.now()", "core is pure: no clock"],
    ["src/plan/a.ts", "new Date()", "plan is pure: no clock"],
    ["src/plan/a.ts", "performance.now()", "plan is pure: no clock"],
    ["src/manifest/a.ts", "Math.random()", "manifest is pure: no chance"],
    ["src/plan/a.ts", "crypto.randomUUID()", "plan is pure: no chance"],
    ["src/core/a.ts", "setTimeout(f, 1)", "core is pure: no timers"],
  ])("refuses in %s: %s", (path, text, rule) => {
    expect(check(path, `${text};`)).toEqual([`1 ${rule}`]);
  });

  test.each([
    ["src/main.ts", "process.exit(1)"],
    ["src/wiring.ts", 'process.env["HOME"]'],
    ["src/sidecar/gate/a.ts", "process.exit(1)"],
    ["src/host/a.ts", "process.on('exit', f)"],
    ["src/engine/a.ts", "fetch(x)"],
    ["src/core/a.ts", "{ process: 1, fetch: 2, a: b.process.env, c: new Date(0) }"],
    ["src/cli/a.ts", "Date.now()"],
  ])("allows in %s: %s", (path, text) => {
    expect(check(path, `f(${text});`)).toEqual([]);
  });
});

describe("checkSource() on shape", () => {
  test("refuses default exports except where citty needs them", () => {
    expect(check("src/cli/a.ts", "export default 1;\nexport { a as default };")).toEqual([
      "1 exports have names",
      "2 exports have names",
    ]);
    expect(check("src/cli/commands/a.ts", "export default 1;")).toEqual([]);
  });

  test.each([
    ["src/cli/index.ts", "an index.ts hides where things are: import the file itself"],
    ["src/core/utils.ts", '"utils" says nothing: name the file after what it holds'],
    ["src/core/string-helpers.ts", '"helpers" says nothing: name the file after what it holds'],
    ["src/core/common.ts", '"common" says nothing: name the file after what it holds'],
    ["src/host/session-manager.ts", '"manager" says nothing: name the file after what it holds'],
    ["src/core/hostName.ts", "file names are kebab-case"],
    ["src/more.ts", "this file belongs into the folder of a layer"],
    ["src/extra/a.ts", "this file belongs into the folder of a layer"],
    ["lib/a.ts", "this file is outside src"],
  ])("refuses the name %s", (path, rule) => {
    expect(check(path, "f();")).toEqual([`1 ${rule}`]);
  });

  test("refuses a file of more than 250 lines", () => {
    expect(check("src/core/a.ts", lines(250))).toEqual([]);
    expect(check("src/core/a.ts", lines(251))).toEqual(["251 the file has 251 lines, at most 250"]);
  });

  test.each([
    ["function f(a: string) {", "}"],
    ["async function f<T>(a: T): Promise<{ b: { c: T } }[]> {", "}"],
    ["function f(a: unknown): a is { b: 1 } | { c: 2 } {", "}"],
    ["const f = (a: string) => {", "};"],
    ["const f = async (): Promise<Map<string, () => void>> => {", "};"],
    ["class A { f() {", "} }"],
    ["const a = { async f(b = { c: 1 }) {", "} };"],
  ])("refuses a function of more than 50 lines: %s", (head, tail) => {
    expect(check("src/cli/a.ts", `${head}\n${lines(48)}${tail}\n`)).toEqual([]);
    expect(check("src/cli/a.ts", `${head}\n${lines(49)}${tail}\n`)).toEqual([
      "1 the function f has 51 lines, at most 50",
    ]);
  });

  test("does not take a block or a conditional for a function", () => {
    const text = `if (a) {\n${lines(60)}}\nconst b = a ? (c) : { d };\nfor await (const x of y) {\n${lines(60)}}\n`;
    expect(check("src/cli/a.ts", text)).toEqual([]);
  });
});

describe("the scan", () => {
  test("sees as many imports as the text has", () => {
    const text =
      'import a from "a";\nimport type { B } from "b";\nawait import("c");\nexport { d } from "d";\n';
    expect(findImports(maskSource(text))).toEqual([
      { specifier: "a", isTypeOnly: false, line: 1 },
      { specifier: "b", isTypeOnly: true, line: 2 },
      { specifier: "c", isTypeOnly: false, line: 3 },
      { specifier: "d", isTypeOnly: false, line: 4 },
    ]);
  });

  test("keeps the length and the lines of a text", () => {
    const text = 'const a = `x\n${"}"}\ny`; // c\nconst b = /`/g; /* d\n */ e("f");';
    const { code } = maskSource(text);
    expect(code).toHaveLength(text.length);
    expect(code.split("\n").map((line) => line.length)).toEqual(text.split("\n").map((line) => line.length));
    expect(findFunctions({ code, strings: [] })).toEqual([]);
  });
});

describe("the table", () => {
  test("has no two layers that may import each other", () => {
    for (const [name, layer] of Object.entries(layers)) {
      for (const other of layer.imports) expect(layers[other]?.imports ?? []).not.toContain(name);
    }
  });
});
