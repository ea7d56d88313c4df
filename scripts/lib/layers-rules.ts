/** The rules that hold in every file of `src`, each as a function from a file to what is wrong in it. */
import { builtinModules } from "node:module";
import { basename, dirname, join } from "node:path";
import { lineAt, maskSource } from "./layers-mask.ts";
import type { MaskedSource } from "./layers-mask.ts";
import { findFunctions, findImports } from "./layers-scan.ts";
import type { Import } from "./layers-scan.ts";
import { budgets, defaultExports, emptyNames, findLayer, layers, longTables, rootFiles } from "./layers.ts";
import type { Layer } from "./layers.ts";

export interface Violation {
  /** Relative to the root of the repository */
  readonly path: string;
  /** From 1 */
  readonly line: number;
  readonly rule: string;
}

interface SourceFile extends MaskedSource {
  readonly path: string;
  readonly text: string;
  readonly layerName: string;
  readonly layer: Layer;
}

/** What is wrong in one file, in order of its lines. */
export function checkSource(path: string, text: string): Violation[] {
  const layerName = findLayer(path);
  const layer = layers[layerName ?? ""];
  if (!layerName || !layer) return [{ path, line: 1, rule: "this file is outside src" }];
  const file: SourceFile = { ...maskSource(text), path, text, layerName, layer };
  return [checkName, checkImports, checkGlobals, checkPurity, checkExports, checkBudgets]
    .flatMap((check) => check(file))
    .map(([line, rule]) => ({ path, line, rule }))
    .toSorted((a, b) => a.line - b.line);
}

type Found = readonly [line: number, rule: string];

function checkName({ path, layerName }: SourceFile): Found[] {
  const name = basename(path).replace(/(?:\.d)?\.ts$/, "");
  const found: Found[] = [];
  if (layerName === "root" && !rootFiles.includes(path))
    found.push([1, "this file belongs into the folder of a layer"]);
  if (name === "index") found.push([1, "an index.ts hides where things are: import the file itself"]);
  const empty = name.split("-").find((word) => emptyNames.includes(word));
  if (empty) found.push([1, `"${empty}" says nothing: name the file after what it holds`]);
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)) found.push([1, "file names are kebab-case"]);
  return found;
}

function checkImports(file: SourceFile): Found[] {
  return findImports(file).flatMap((found): Found[] => {
    const rule = judgeImport(file, found);
    return rule === undefined ? [] : [[found.line, rule]];
  });
}

function judgeImport({ path, layerName, layer }: SourceFile, found: Import): string | undefined {
  const { specifier } = found;
  if (specifier === undefined) return "an import is a plain string, or nobody can check it";
  if (specifier.startsWith(".")) return judgeFile(layerName, layer, join(dirname(path), specifier), found);
  if (specifier === "bun" || /^(?:node|bun):/.test(specifier))
    return judgeBuiltIn(layerName, layer, specifier);
  if (builtinModules.includes(specifier)) return `"${specifier}" is written "node:${specifier}"`;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  return layer.packages.includes(name) ? undefined : `${layerName} may not import the package "${name}"`;
}

function judgeFile(layerName: string, layer: Layer, target: string, found: Import): string | undefined {
  const targetName = findLayer(target);
  if (targetName === undefined) return `"${target}" is outside src`;
  if (targetName === layerName || layer.imports.includes(targetName) || layer.imports.includes(target)) {
    return undefined;
  }
  if (!layer.imports.includes(`types ${targetName}`)) return `${layerName} may not import ${target}`;
  return found.isTypeOnly ? undefined : `${layerName} may import only types of ${targetName}`;
}

function judgeBuiltIn(layerName: string, layer: Layer, specifier: string): string | undefined {
  if (/^(?:node:)?process$/.test(specifier)) return "process is the global one, so that its uses are seen";
  const all = specifier.startsWith("node:") ? ["*", "node:*"] : ["*"];
  return [specifier, ...all].some((allowed) => layer.builtIns.includes(allowed))
    ? undefined
    : `${layerName} may not import "${specifier}"`;
}

/** A global of that name, not a property or a key. */
const global = (name: string) => `(?<![.\\w$])(?:globalThis\\s*\\??\\.\\s*)?\\b(?:${name})\\b(?!\\s*\\??:)`;
const ofRoot = "env|argv|execArgv|exit|exitCode|abort|reallyExit";

function checkGlobals({ code, layerName, layer }: SourceFile): Found[] {
  const rules: [pattern: string, rule: string][] = [];
  const onlyRoot = "only src/main.ts and src/wiring.ts";
  if (layer.process !== "all") {
    const parts = `${global("process")}\\s*\\??\\.\\s*(?:${ofRoot})\\b|${global("Bun")}\\s*\\.\\s*(?:env|argv)\\b`;
    rules.push([parts, `${onlyRoot} read the environment and the command line and end the process`]);
    rules.push([`${global("process")}\\s*(?:\\?\\.\\s*)?\\[`, "process[…] hides which part of it is used"]);
    rules.push([`\\}\\s*=\\s*${global("process")}`, "taking process apart hides which part of it is used"]);
    rules.push(["\\bimport\\s*\\.\\s*meta\\s*\\.\\s*env\\b", `${onlyRoot} read the environment`]);
  }
  if (layer.process === "none") {
    rules.push([
      `${global("process")}(?!\\s*\\??\\.\\s*(?:${ofRoot})\\b)`,
      `${layerName} may not touch process`,
    ]);
  }
  const { builtIns } = layer;
  if (!builtIns.includes("*")) rules.push([global("Bun"), `${layerName} may not touch Bun`]);
  if (!builtIns.includes("*") && !builtIns.includes("node:*")) {
    rules.push([`${global("fetch")}(?=\\s*[(;,)])`, `${layerName} may not fetch`]);
  }
  return rules.flatMap(([pattern, rule]) => findAll(code, pattern, rule));
}

function checkPurity({ code, layerName, layer }: SourceFile): Found[] {
  if (!layer.isPure) return [];
  const clock = `${global("Date")}\\s*\\.\\s*now\\b|\\bnew\\s+Date\\s*(?:\\(\\s*\\)|(?!\\s*\\())|${global("performance")}\\s*\\.`;
  const chance = `${global("Math")}\\s*\\.\\s*random\\b|\\b(?:getRandomValues|randomUUID|randomBytes|randomInt)\\b`;
  const timers = `${global("setTimeout|setInterval|setImmediate|queueMicrotask")}`;
  return [
    ...findAll(code, clock, `${layerName} is pure: no clock`),
    ...findAll(code, chance, `${layerName} is pure: no chance`),
    ...findAll(code, timers, `${layerName} is pure: no timers`),
  ];
}

function checkExports({ code, path }: SourceFile): Found[] {
  if (defaultExports.some((place) => path.startsWith(place))) return [];
  return findAll(code, "\\bexport\\s+default\\b|\\bas\\s+default\\b", "exports have names");
}

function checkBudgets(file: SourceFile): Found[] {
  const found: Found[] = [];
  const lines = file.text.trimEnd().split("\n").length;
  if (lines > budgets.fileLines && !longTables.includes(file.path)) {
    found.push([lines, `the file has ${lines} lines, at most ${budgets.fileLines}`]);
  }
  for (const { name, line, lines: length } of findFunctions(file)) {
    if (length <= budgets.functionLines) continue;
    found.push([line, `the function ${name} has ${length} lines, at most ${budgets.functionLines}`]);
  }
  return found;
}

function findAll(code: string, pattern: string, rule: string): Found[] {
  return [...code.matchAll(new RegExp(pattern, "g"))].map((match) => [lineAt(code, match.index), rule]);
}
