import { describe, expect, test } from "bun:test";
import { JsonReader, NotJson } from "../../../../src/sidecar/gate/json-reader.ts";

/** What the reader tells of a text that comes in pieces of so many bytes. */
function read(text: string | Buffer, pieceLength = Infinity): string {
  const told: string[] = [];
  const reader = new JsonReader({
    open: (kind) => void told.push(kind === "object" ? "{" : "["),
    close: () => void told.push("."),
    key: (name) => void told.push(`${JSON.stringify(name)}:`),
    text: (value) => void told.push(value === undefined ? "long" : JSON.stringify(value)),
    word: () => void told.push("word"),
  });
  const bytes = Buffer.from(text as string);
  const length = Math.min(pieceLength, bytes.length);
  for (let at = 0; at < bytes.length; at += length) reader.push(bytes.subarray(at, at + length));
  reader.end();
  return told.join(" ");
}

describe("JSON that comes by", () => {
  const samples: [string, string][] = [
    ["{}", "{ ."],
    [" [1, -2.5e+3, true, null] \n", "[ word word word word ."],
    ['{"a":"b","c":[{"d":"e"}]}', '{ "a": "b" "c": [ { "d": "e" . . .'],
    [String.raw`{"\u0074ype":"u\u0072l \"\\"}`, String.raw`{ "type": "url \"\\" .`],
    ['["ä€😀"]', '[ "ä€😀" .'],
    ['"alone"', '"alone"'],
    ["7", "word"],
  ];

  test.each(samples)("%p is told part by part, however it is cut", (text, told) => {
    for (const pieceLength of [Infinity, 7, 1]) expect(read(text, pieceLength)).toBe(told);
  });

  test("holds a long string without its content", () => {
    for (const pieceLength of [Infinity, 100])
      expect(read(`["${"x".repeat(600)}"]`, pieceLength)).toBe("[ long .");
  });

  test("is JSON for this reader exactly if it is for JSON.parse", () => {
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      "1",
      "01",
      "-",
      "null",
      "nul",
      " ",
      "NaN",
      "'a'",
      "//",
    ];
    let state = 7;
    const next = (below: number) => {
      // xorshift32: the same texts in every run
      for (const shift of [13, -17, 5]) state ^= shift > 0 ? state << shift : state >>> -shift;
      return (state >>> 0) % below;
    };
    const isJson = (act: () => unknown) => {
      try {
        act();
        return true;
      } catch {
        return false;
      }
    };
    let taken = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const text = Array.from({ length: 1 + next(6) }, () => pieces[next(pieces.length)]).join("");
      const expected = isJson(() => JSON.parse(text));
      expect([text, isJson(() => read(text, 1 + next(4)))]).toEqual([text, expected]);
      if (expected) taken += 1;
    }
    expect(taken).toBeGreaterThan(500);
  });
});

describe("what another reader could understand differently", () => {
  test.each([
    ["UTF-16, which some parsers guess", Buffer.from('{"a":1}', "utf16le")],
    ["a byte order mark", Buffer.from('\ufeff{"a":1}')],
    ["a key with bytes that are no UTF-8", Buffer.from('{"sour\xffce":1}', "latin1")],
    ["a second value", '{"a":1}{"b":2}'],
    ["a comment", '{/* */"a":1}'],
    ["a comma too many", '{"a":1,}'],
    ["brackets that do not match", '{"a":[1}]'],
    ["a control character in a string", '{"a":"b\u0000"}'],
    ["an escape that there is none", String.raw`{"\x74ype":1}`],
    ["an end that is missing", '{"a":{"b":1}'],
    ["nothing at all", ""],
    ["more depth than anybody needs", "[".repeat(600)],
  ])("%s is refused", (_name, text) => {
    expect(() => read(text)).toThrow(NotJson);
  });
});
