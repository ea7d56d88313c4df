import { expect, test } from "bun:test";
import { foldLine } from "../../../src/core/fold-line.ts";

test.each([
  ["fits", 10, 2, ["fits"]],
  ["one two three", 11, 1, ["one two", " three"]],
  ["one two three four", 13, 2, ["one two three", "  four"]],
  ["  title    a long cell of words", 20, 8, ["  title    a long", "        cell of", "        words"]],
  ["abcdefghijklmnopqrstuvwxyz", 14, 2, ["abcdefghijklmn", "  opqrstuvwxyz"]],
  ["  abcdefghijklmnopqrstuvwxyz", 14, 4, ["  abcdefghijkl", "    mnopqrstuv", "    wxyz"]],
  // Nothing could be read in so little room
  ["one two three four five", 12, 8, ["one two three four five"]],
])("%j in %d characters", (line, width, indent, lines) => {
  expect(foldLine(line, width, indent)).toEqual(lines);
});
