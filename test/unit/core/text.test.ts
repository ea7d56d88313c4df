import { describe, expect, test } from "bun:test";
import {
  countOf,
  escapeForTerminal,
  foldText,
  quote,
  renderBytes,
  renderJson,
  suggest,
} from "../../../src/core/text.ts";

describe("escapeForTerminal()", () => {
  test.each([
    ["a clear screen", "\u001b[2J", "\\x1b[2J"],
    ["a line break and a tab", "a\nb\tc\r", "a\\nb\\tc\\x0d"],
    ["DEL and C1", "\u007f\u009b31m", "\\x7f\\x9b31m"],
    ["a right-to-left override", "\u202egnp.exe", "\\u{202e}gnp.exe"],
    ["isolates", "\u2066x\u2069", "\\u{2066}x\\u{2069}"],
    ["zero width", "a\u200bb\u2060c\ufeff", "a\\u{200b}b\\u{2060}c\\u{feff}"],
    ["fillers that show as nothing", "\u3164\u115f\u2800", "\\u{3164}\\u{115f}\\u{2800}"],
    ["spaces that are none of ours", "a\u00a0b\u3000c\u2003d", "a\\xa0b\\u{3000}c\\u{2003}d"],
    ["line separators", "a\u2028b\u2029", "a\\u{2028}b\\u{2029}"],
    ["tags and selectors", "\u{e0041}\ufe0f\u{e0100}", "\\u{e0041}\\u{fe0f}\\u{e0100}"],
    ["half a pair", "\ud800x", "\\u{d800}x"],
    ["private use", "\ue000\u{10ffff}".slice(0, 1), "\\u{e000}"],
    ["invisible music", "\u{1d173}", "\\u{1d173}"],
  ])("makes %s visible", (_name, text, shown) => {
    expect(escapeForTerminal(text)).toBe(shown);
  });

  test("leaves text of any language alone", () => {
    const text = "Größe, naïve, Ελλάδα, 漢字, עברית, 🍾 & \\x1b";
    expect(escapeForTerminal(text)).toBe(text);
  });
});

describe("renderJson()", () => {
  const hostile = {
    c1: "\u009b31m\u009d0;title\u009c\u007f",
    bidi: "\u202egnp.exe \u2066x\u2069",
    hidden: "a\u200bb\u2028\u{e0041}\ud800",
    plain: "Größe 漢字 🍾\n\t",
  };

  test("holds nothing that a terminal would obey or not show, and means the same", () => {
    for (const indent of [undefined, 2]) {
      const text = renderJson(hostile, indent);
      expect(text.replaceAll("\n", "")).toBe(escapeForTerminal(text.replaceAll("\n", "")));
      expect(JSON.parse(text)).toEqual(hostile);
    }
  });

  test("leaves text of any language alone", () => {
    expect(renderJson(["Größe 漢字 🍾"])).toBe('["Größe 漢字 🍾"]');
  });
});

describe("quote()", () => {
  test.each([
    ['say "hi"', '"say \\"hi\\""'],
    ["C:\\x", '"C:\\\\x"'],
    ['\\" is fine', '"\\\\\\" is fine"'],
    ["a\nb", '"a\\nb"'],
  ])("shows %j so that nothing ends it early", (text, shown) => {
    expect(quote(text)).toBe(shown);
  });

  test("cuts what is long, and no character in two", () => {
    expect(quote("x".repeat(200))).toBe(`"${"x".repeat(120)}…"`);
    expect(quote("🍾🍾", 3)).toBe('"🍾…"');
  });
});

describe("countOf()", () => {
  test("has a plural for everything but one", () => {
    expect([0, 1, 2, 0.5].map((count) => countOf(count, "host"))).toEqual([
      "0 hosts",
      "1 host",
      "2 hosts",
      "0.5 hosts",
    ]);
    expect(countOf(2, "entry", "entries")).toBe("2 entries");
  });
});

describe("renderBytes()", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1536, "1.5 KiB"],
    [4 * 1024 ** 3, "4.0 GiB"],
    [512 * 1024 ** 2, "512 MiB"],
    [2048 * 1024 ** 4, "2048 TiB"],
  ])("of %d is %s", (bytes, shown) => {
    expect(renderBytes(bytes)).toBe(shown);
  });
});

describe("suggest()", () => {
  const known = ["env", "ssh", "egress", "auth", "limits", "image"];

  test.each([
    ["evn", "env"],
    ["SSH", "ssh"],
    ["egres", "egress"],
    ["iamge", "image"],
    ["limit", "limits"],
    ["xyz", undefined],
    ["a", undefined],
    ["runtime", undefined],
    ["x".repeat(1_000_000), undefined],
  ])("for %.10s gives %p", (word, nearest) => {
    expect(suggest(word, known)).toBe(nearest);
  });
});

test("foldText() breaks at spaces and leaves long words whole", () => {
  expect(foldText("one two three", 7)).toEqual(["one two", "three"]);
  expect(foldText("a-very-long-word and more", 8)).toEqual(["a-very-long-word", "and more"]);
  expect(foldText("one two", Number.POSITIVE_INFINITY)).toEqual(["one two"]);
  expect(foldText("", 5)).toEqual([""]);
});
