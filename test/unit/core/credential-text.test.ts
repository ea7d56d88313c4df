/** Tokens that are known by their makers' form, exactly as long as they have to be and one character less. */
import { expect, test } from "bun:test";
import { holdsSecretSetting } from "../../../src/core/credential-text.ts";

const mixed = (length: number) => "Ab3dE6gH9j".repeat(10).slice(0, length);
const upper = (length: number) => "AB3DE6GH9J".repeat(10).slice(0, length);

test.each<[string, number, (length: number) => string]>([
  ["sk-", 20, mixed],
  ["ghp_", 20, mixed],
  ["gho_", 20, mixed],
  ["ghu_", 20, mixed],
  ["ghs_", 20, mixed],
  ["ghr_", 20, mixed],
  ["github_pat_", 20, mixed],
  ["glpat-", 16, mixed],
  ["xoxb-", 10, mixed],
  ["xoxp-", 10, mixed],
  ["npm_", 30, mixed],
  ["pypi-", 20, mixed],
  ["hf_", 20, mixed],
  ["AKIA", 12, upper],
  ["ASIA", 12, upper],
  ["AIza", 30, mixed],
  ["eyJ", 30, mixed],
])("%s and %d characters are a token, and one less is none", (prefix, least, make) => {
  const holds = (text: string) => holdsSecretSetting(`first line\n${text}\nlast line`);
  expect(holds(prefix + make(least))).toBe(true);
  expect(holds(prefix + make(least - 1))).toBe(false);
  expect(holds(`a ${prefix + make(least)}`)).toBe(true);
  // Within a word it is something else
  expect(holds(`x${prefix + make(least)}`)).toBe(false);
});

test("a token may hold dashes where its maker has them", () => {
  for (const text of [
    "sk-ant-api03-AB_cd-ef_gh-ij",
    "eyJhbGci-_OiJIUzI1NiIsInR5cCI6IkpXVCJ9x",
    `AIza-_${mixed(28)}`,
  ])
    expect([text, holdsSecretSetting(text)]).toEqual([text, true]);
});
