import { describe, expect, test } from "bun:test";
import { makeLineSplitter, parseObjectLine } from "../../../src/core/lines.ts";

describe("makeLineSplitter()", () => {
  test("gives the same lines wherever they were cut, also within a character", () => {
    const bytes = Buffer.from("ä\n\n€uro\nrest");
    for (let at = 0; at <= bytes.length; at += 1) {
      const lines = makeLineSplitter();
      expect([...lines.push(bytes.subarray(0, at)), ...lines.push(bytes.subarray(at))]).toEqual([
        "ä",
        "",
        "€uro",
      ]);
      expect(lines.rest()).toBe("rest");
    }
  });

  test("keeps so much of a line without an end and no more", () => {
    const lines = makeLineSplitter(4);
    expect(lines.push(Buffer.from("abcde"))).toEqual([]);
    expect(lines.rest()).toBe("abcd");
    expect(lines.push(Buffer.from("f\nnext\n"))).toEqual(["abcdf", "next"]);
  });
});

test("parseObjectLine() takes objects and nothing else", () => {
  expect(parseObjectLine('{"a":1}')).toEqual({ a: 1 });
  for (const line of ["", "[]", "1", "null", '{"a"', " {}"]) expect(parseObjectLine(line)).toBeUndefined();
});
