import { describe, expect, test } from "bun:test";
import { endOf, padTo, widthOf } from "../../../src/core/text-width.ts";
import { renderTable } from "../../../src/cli/render/table.ts";
import { fitTable } from "../../../src/cli/render/fit-table.ts";

const samples = [
  "",
  "plain",
  "größe",
  "e\u0301",
  "日本語",
  "한국어",
  "ﾊﾝｶｸ",
  "ＦＵＬＬ",
  "🚀",
  "a\u200bb",
  "𠮷",
  "…",
  "→",
];

describe("the width of a text", () => {
  test.each(samples)("of %j is what a terminal's own table says", (text) => {
    expect(widthOf(text)).toBe(Bun.stringWidth(text));
  });

  test("fills up, and what is too wide already stays as it is", () => {
    expect(padTo("日本", 6)).toBe("日本  ");
    expect(padTo("日本", 4)).toBe("日本");
    expect(padTo("日本", 3)).toBe("日本");
  });

  test("cuts at the beginning, and never a character in two", () => {
    expect(endOf("ab日本", 4)).toBe("日本");
    expect(endOf("ab日本", 3)).toBe("本");
    expect(endOf("ab日本", 5)).toBe("b日本");
    expect(endOf("a𠮷", 2)).toBe("𠮷");
    expect(endOf("ab", 9)).toBe("ab");
    expect(endOf("ab", 0)).toBe("");
  });
});

test("columns of a table are under each other whatever the script of a name", () => {
  const lines = renderTable([
    ["NAME", "STATE"],
    ["日本語の名前", "running"],
    ["plain", "running"],
  ])
    .trimEnd()
    .split("\n");
  const starts = lines.map((line) => Bun.stringWidth(line.slice(0, line.search(/STATE|running/))));
  expect(new Set(starts).size).toBe(1);
});

test("a path of wide characters is cut to the room that there is", () => {
  const [, row = []] = fitTable(
    [
      ["NAME", "WORKSPACE"],
      ["a", "/home/somebody/日本語日本語日本語"],
    ],
    24,
  );
  const path = row.at(-1) ?? "";
  expect(path).toStartWith("…");
  expect(Bun.stringWidth(path)).toBeLessThanOrEqual(18);
});
