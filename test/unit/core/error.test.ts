import { describe, expect, test } from "bun:test";
import { BottleError, extendError, messageOf } from "../../../src/core/error.ts";

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

describe("extendError()", () => {
  const parts = {
    code: "image",
    message: "Cannot build",
    hint: "Try again.",
    details: ["one"],
    exitCode: 7,
  } as const;

  test("adds to an error what became known, and leaves the rest of it as it was", () => {
    const cause = new BottleError(parts);
    const error = extendError(cause, "session", {
      suffix: "; it left more",
      details: ["two"],
      leavesBehind: true,
    });
    expect(error).toMatchObject({
      code: "image",
      message: "Cannot build; it left more",
      hint: "Try again.",
      details: ["one", "two"],
      exitCode: 7,
      leavesBehind: true,
      cause,
    });
    expect(extendError(error, "session", { hint: "Stop." })).toMatchObject({
      hint: "Stop.",
      leavesBehind: true,
    });
  });

  test("keeps the class, by which causes are told apart", () => {
    class Special extends BottleError {}
    expect(extendError(new Special(parts), "session", {})).toBeInstanceOf(Special);
  });

  test("makes one of anything else, with a signal's exit code", () => {
    const reason = Object.assign(new Error("Ended by SIGTERM"), { exitCode: 143 });
    expect(extendError(reason, "session", { details: ["two"] })).toMatchObject({
      code: "session",
      message: "Ended by SIGTERM",
      details: ["two"],
      exitCode: 143,
    });
    expect(extendError("text", "file", {})).toMatchObject({ code: "file", message: "text", exitCode: 1 });
    expect(extendError(undefined, "file", {})).toMatchObject({ message: "undefined" });
  });
});
