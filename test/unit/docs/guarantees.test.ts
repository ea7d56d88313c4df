/** Each guarantee in the documents names a test, and a control that shows that this test can fail. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findControls, findGaps, findTitles, readGuarantees, readQuotes } from "../../support/guarantees.ts";

const docs = join(import.meta.dir, "../../../docs");
const read = (path: string) => readFileSync(join(docs, path), "utf8");
const readTest = (path: string) =>
  path.endsWith(".test.ts") && existsSync(join(docs, path)) ? read(path) : undefined;

test.each([
  ["threat-model.md", 70],
  ["attacks.md", 24],
])("%s names a test and a control for everything it claims", (name, least) => {
  const rows = readGuarantees(read(name));
  expect(rows.flatMap((row) => findGaps(row, readTest))).toEqual([]);
  expect(rows.length).toBeGreaterThanOrEqual(least);
});

test.each(["threat-model.md", "attacks.md"])("%s quotes tests that are there, also in its prose", (name) => {
  const quotes = readQuotes(read(name)).filter(({ words }) => words !== "A test");
  const missing = quotes.filter(({ words, path }) => {
    const source = readTest(path) ?? "";
    return ![...findTitles(source), ...findControls(source)].some((text) => text.includes(words));
  });
  expect(missing).toEqual([]);
});

describe("the control: a row is not taken", () => {
  const source = `
    describe("a wall", () => {
      test("holds", () => {
        // The control: without
        // it all falls
        expect(1).toBe(1);
      });
      test.each([1])(
        "holds \\"%s\\" times",
        () => {},
      );
      test("the control: falls when it is taken away", () => {});
    });
    // the word falls here, too
    const other = "no title";`;
  const row = (shownBy: string, control: string) =>
    `| guarantee | shown by | control |\n|---|---|---|\n| It holds | ${shownBy} | ${control} |\n`;
  const gapsOf = (shownBy: string, control: string) =>
    readGuarantees(row(shownBy, control)).flatMap((one) =>
      findGaps(one, (path) => (path === "../test/a.test.ts" ? source : undefined)),
    );
  const link = (words: string, path = "../test/a.test.ts") => `[${words}](${path})`;

  test("is the opposite of one that names both", () => {
    expect(gapsOf(link("a wall"), link("without it all falls"))).toEqual([]);
    expect(gapsOf(link('holds "%s" times'), link("falls when it is taken away"))).toEqual([]);
  });

  test.each([
    ["without a test", "", link("without it all falls"), '"It holds" names no test'],
    ["without a control", link("holds"), "", '"It holds" names no control'],
    [
      "with a test that is no title",
      link("no title"),
      link("without it all falls"),
      '"It holds": ../test/a.test.ts has no test with the words "no title"',
    ],
    [
      "with a control that is another comment",
      link("holds"),
      link("the word falls here"),
      '"It holds": ../test/a.test.ts has no control with the words "the word falls here"',
    ],
    [
      "with a control that is another test",
      link("holds"),
      link("holds"),
      '"It holds": ../test/a.test.ts has no control with the words "holds"',
    ],
    [
      "with a file that is gone",
      link("holds", "../test/b.test.ts"),
      link("without it all falls"),
      '"It holds" names ../test/b.test.ts, which is not there',
    ],
  ])("%s", (_name, shownBy, control, gap) => {
    expect(gapsOf(shownBy, control)).toEqual([gap]);
  });

  test("in a table that has no column for controls", () => {
    expect(() => readGuarantees("| guarantee | shown by |\n|---|---|\n| a | b |\n")).toThrow("control");
  });

  test("by titles and comments that are none", () => {
    expect(findTitles('expect(x).toBe("y");\nrun("z", 1);')).toEqual([]);
    expect(findControls("// oxlint-disable-next-line no-control-regex\nconst control = 1;\n")).toEqual([]);
  });
});
