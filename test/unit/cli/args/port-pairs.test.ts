import { expect, test } from "bun:test";
import { readPortPair } from "../../../../src/cli/args/port-pairs.ts";

test.each([
  ["3000", 3000, 3000],
  ["3000:8080", 3000, 8080],
  ["65535:1", 65_535, 1],
])("%s", (text, inside, outside) => {
  expect(readPortPair(text)).toEqual({ inside, outside });
});

test.each(["0", "65536", "3000:65536", "3000:", ":3000", "3000:0", "03000", "a", "1:2:3", "", "3000/tcp"])(
  "%s is none",
  (text) => {
    expect(() => readPortPair(text)).toThrow(`Cannot use "${text}" as a port`);
  },
);
