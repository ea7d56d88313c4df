import { describe, expect, test } from "bun:test";
import { BottleError, messageOf } from "../../../src/core/error.ts";

describe("a BottleError", () => {
  test.each([
    ["usage", 2],
    ["manifest", 2],
    ["input", 2],
    ["engine-unreachable", 125],
    ["engine-refused", 125],
    ["file", 1],
    ["session", 1],
  ] as const)("of code %s exits with %d", (code, exitCode) => {
    expect(new BottleError({ code, message: "Cannot" })).toMatchObject({ code, exitCode, details: [] });
  });

  test("may say its exit code, and keeps its cause", () => {
    const cause = new Error("why");
    const error = new BottleError({ code: "aborted", message: "Cannot", exitCode: 130, cause });
    expect(error).toMatchObject({ exitCode: 130, cause, hint: undefined });
    expect("cause" in new BottleError({ code: "file", message: "Cannot" })).toBe(false);
  });
});

describe("messageOf()", () => {
  test("takes whatever was thrown", () => {
    expect([new Error("a"), "b", undefined, 3].map(messageOf)).toEqual(["a", "b", "undefined", "3"]);
  });
});
