import { expect, test } from "bun:test";
import { readEscapes } from "../../../../../src/sidecar/gate/inspect/escapes.ts";

const read = (text: string, reach = 1_000) =>
  readEscapes(Buffer.from(text, "latin1"), 0, text.length, reach)?.bytes.toString("latin1");

test.each([
  ["%67hp%5F", "ghp_"],
  ["%6g %", undefined],
  [String.raw`a\u0041\x42\n\"\/`, 'aAB\n"/'],
  [String.raw`\u20ac`, undefined],
  ["&#103;&#x68;&amp;&lowbar;", "gh&_"],
  ["a&b=c&nosuch;&;", undefined],
  ["plain", undefined],
  ["cut %4", undefined],
  [String.raw`cut \u004`, undefined],
  ["cut &#10", undefined],
])("reads %j as %j", (text, expected) => {
  expect(read(text)).toBe(expected as string);
});

test("writes out only what is near an escape, and says where that was", () => {
  const far = "x".repeat(500);
  const text = `${far}%41${far}%42${far}`;
  const found = readEscapes(Buffer.from(text), 0, text.length, 10);
  expect(found?.bytes.toString()).toBe(
    `${"x".repeat(10)}A${"x".repeat(10)}\0\n\0${"x".repeat(10)}B${"x".repeat(10)}`,
  );
  expect(found?.stretches.map((one) => [...one])).toEqual([
    [0, 490, 513],
    [24, 993, 1_016],
  ]);
});

test("reads within its range alone", () => {
  expect(readEscapes(Buffer.from("%41%42%43"), 3, 6, 10)?.bytes.toString()).toBe("B");
  expect(readEscapes(Buffer.from("%41%42%43"), 3, 5, 10)).toBeUndefined();
});
