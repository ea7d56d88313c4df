import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { drawChanges } from "../../../../scripts/lib/mutate/draw.ts";
import {
  equivalentsPath,
  findStale,
  isAmong,
  parseEquivalents,
} from "../../../../scripts/lib/mutate/equivalents.ts";

const root = join(import.meta.dir, "../../../..");
const entry = {
  file: "src/a.ts",
  original: "export const f = (a: number) => a < 1;",
  changed: "export const f = (a: number) => a <= 1;",
  reason: "Nobody asks for 1",
};
const text = `${entry.original}\n`;

describe("parseEquivalents()", () => {
  test("reads entries with comments and trailing commas", () => {
    expect(parseEquivalents(`// Why\n[${JSON.stringify(entry)},]`)).toEqual([entry]);
  });

  test.each([
    ["no list", "{}"],
    ["what is no JSON", "[{]"],
    ["an entry without a reason", JSON.stringify([{ ...entry, reason: undefined }])],
    ["an entry with an empty reason", JSON.stringify([{ ...entry, reason: "" }])],
    ["another key", JSON.stringify([{ ...entry, line: "1" }])],
    ["an entry twice", JSON.stringify([entry, { ...entry, reason: "Another" }])],
    ["null", "[null]"],
  ])("refuses %s", (_, bad) => {
    expect(() => parseEquivalents(bad)).toThrow(`Cannot read ${equivalentsPath}`);
  });
});

test("an entry is stale once its line has changed, and only then", async () => {
  const now = await drawChanges("src/a.ts", text);
  expect(findStale([entry], now)).toEqual([]);
  expect(now.filter((change) => isAmong([entry], change))).toHaveLength(1);
  const later = await drawChanges("src/a.ts", text.replace("< 1", "< 2"));
  expect(findStale([entry], later)).toEqual([entry]);
});

test("no entry of the checkout is stale: remove it, or write its lines as they are now", async () => {
  const entries = parseEquivalents(await readFile(join(root, equivalentsPath), "utf8"));
  const stale = [];
  for (const [file, some] of Map.groupBy(entries, (one) => one.file)) {
    const source = await readFile(join(root, file), "utf8").catch(() => "");
    stale.push(...findStale(some, await drawChanges(file, source)));
  }
  expect(stale).toEqual([]);
}, 120_000);
