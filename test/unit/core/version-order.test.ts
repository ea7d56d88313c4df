import { describe, expect, test } from "bun:test";
import { isNewer, isVersion } from "../../../src/core/version-order.ts";

describe("isNewer()", () => {
  test.each([
    ["1.2.4", "1.2.3", true],
    ["1.10.0", "1.9.9", true],
    ["2.0.0", "1.99.99", true],
    ["1.2.3", "1.2.3", false],
    ["1.2.2", "1.2.3", false],
    ["1.0.0", "1.0.0-rc.1", true],
    ["1.0.0-rc.1", "1.0.0", false],
    ["1.0.1-rc.1", "1.0.0", true],
    ["latest", "1.0.0", false],
    ["1.0.0", "dev", false],
  ])("%s after %s: %p", (a, b, wanted) => {
    expect(isNewer(a, b)).toBe(wanted);
  });
});

test.each([
  ["1.2.3", true],
  ["1.2.3-rc.1", true],
  ["1.2", false],
  ["v1.2.3", false],
  ["1.2.3\n", false],
  ["<html>", false],
])("isVersion(%j) is %p", (text, wanted) => {
  expect(isVersion(text)).toBe(wanted);
});
