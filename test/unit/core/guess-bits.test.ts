import { expect, test } from "bun:test";
import { countBits } from "../../../src/core/guess-bits.ts";

test.each([
  ["aaaaaaaaaaaaaaaaaaaaaaaa", 8],
  ["abcdefghijklmnopqrstuvwxyz", 12],
  ["12345678901234567890", 16],
  ["abcabcabcabcabcabcabcabc", 20],
  ["deadbeefdeadbeefdeadbeef", 40],
  ["passwordpassword", 50],
  ["ghp_abc", 14],
  ["github_pat_", 0],
])("%j has %d bits at most", (text, most) => {
  expect(countBits(text)).toBeLessThanOrEqual(most);
});

test.each([
  ["0f3a9c77b1e4d2560f3a", 64],
  ["glpat-Xk39sQ0dLmPq7rTz1vYw", 90],
  ["tok/real+VALUE=9f8e7d6c", 90],
  ["x7Kq2mNp9RwT", 56],
])("%j has %d bits at least", (text, least) => {
  expect(countBits(text)).toBeGreaterThanOrEqual(least);
});
