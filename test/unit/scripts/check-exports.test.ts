import { describe, expect, test } from "bun:test";
import { findUnusedExports } from "../../../scripts/lib/exports.ts";

/** `path:line name` of what nobody needs. */
function find(files: Readonly<Record<string, string>>): string[] {
  return findUnusedExports(new Map(Object.entries(files))).map(
    ({ path, line, name }) => `${path}:${line} ${name}`,
  );
}

describe("findUnusedExports()", () => {
  test.each([
    ["a function", "export function a(): void {}"],
    ["an asynchronous one", "export async function a() {}"],
    ["a constant", "export const a = 1;"],
    ["a class", "export class a {}"],
    ["a type that its own file does not use either", "export type a = string;"],
  ])("finds %s that nobody asks for", (_, text) => {
    expect(
      find({ "src/one.ts": `\n${text}\n`, "src/two.ts": 'import { b } from "./one.ts";\nconst a = 1;\n' }),
    ).toEqual(["src/one.ts:2 a"]);
  });

  test.each([
    ["by name", 'import { b, a } from "./x/one.ts";'],
    ["on many lines", 'import {\n  b,\n  a,\n} from "./x/one.ts";'],
    ["under another name", 'import { a as c } from "./x/one.ts";'],
    ["as a type", 'import type { a } from "./x/one.ts";'],
    ["to pass it on", 'export { a } from "./x/one.ts";'],
    ["with everything else", 'import * as one from "./x/one.ts";'],
    ["when it is needed", 'const { a } = await import("./x/one.ts");'],
  ])("leaves alone what is asked for %s", (_, text) => {
    expect(find({ "src/x/one.ts": "export const a = 1;\n", "src/two.ts": `${text}\n` })).toEqual([]);
  });

  test("leaves alone a type that a signature of its own file is made of", () => {
    const text = "export interface A {}\nexport function b(a: A): void {}\n";
    expect(find({ "src/one.ts": text, "src/two.ts": 'import { b } from "./one.ts";\n' })).toEqual([]);
  });

  test("is not misled by a file of the same name elsewhere", () => {
    const files = { "src/x/one.ts": "export const a = 1;\n", "src/y/one.ts": "export const a = 1;\n" };
    expect(find({ ...files, "src/y/two.ts": 'import { a } from "./one.ts";\n' })).toEqual([
      "src/x/one.ts:1 a",
    ]);
  });
});
