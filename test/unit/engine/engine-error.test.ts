import { describe, expect, test } from "bun:test";
import { BottleError } from "../../../src/core/error.ts";
import { EngineError, isConflict, isNotFound, makeTransportError } from "../../../src/engine/engine-error.ts";
import { takeAccess } from "../../../src/engine/engine-hints.ts";

const withCode = (code: string, message = "Was there a typo in the url or port?") =>
  Object.assign(new TypeError(message), { code });

describe("makeTransportError()", () => {
  test.each([
    ["ENOENT", "there is no socket"],
    ["ECONNREFUSED", "nobody listens there"],
    ["ConnectionRefused", "nobody listens there"],
    ["EACCES", "no permission to open the socket"],
    ["ECONNRESET", "the connection was closed"],
    ["EPIPE", "the connection was closed"],
    ["ENAMETOOLONG", "the socket's path is too long"],
    ["Malformed_HTTP_Response", "what answers does not speak HTTP"],
  ])("says in words what %s means", (code, state) => {
    const error = makeTransportError(withCode(code), { action: "ask" });
    expect(error).toMatchObject({
      message: `Cannot ask: ${state}`,
      code: "engine-unreachable",
      isTransport: true,
    });
  });

  test("names a code that it does not know, without the advice for programmers", () => {
    const cause = withCode(
      "CERT_HAS_EXPIRED",
      "certificate has expired. For more information, pass `verbose: true` to fetch()",
    );
    expect(makeTransportError(cause, {})).toMatchObject({
      state: "CERT_HAS_EXPIRED: certificate has expired",
    });
  });

  test("tells a limit of ours by its length", () => {
    const cause = new DOMException("The operation timed out.", "TimeoutError");
    expect(makeTransportError(cause, { timeoutMs: 3000 })).toMatchObject({ state: "no answer within 3 s" });
  });

  test("gives the caller's reason for an abort, and leaves an error of ours as it is", () => {
    const reason = new Error("Ctrl-C");
    expect(makeTransportError(withCode("ECONNRESET"), { signal: AbortSignal.abort(reason) })).toBe(reason);
    const ours = new BottleError({ code: "file", message: "Cannot read" });
    expect(makeTransportError(ours, {})).toBe(ours);
  });
});

describe("EngineError", () => {
  test("escapes the engine's words and the names in the action", () => {
    const error = new EngineError({ action: 'start "\u202e"', state: "a\u001bb", status: 404 });
    expect(error.message).toBe('Cannot start "\\u{202e}": a\\x1bb');
    expect([isNotFound(error), isConflict(error), isNotFound(new Error("404"))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("cuts what an engine says at a length that fits a screen", () => {
    expect(new EngineError({ state: "x".repeat(5000) }).state).toHaveLength(1000);
  });

  test("stays what it is with more to tell: its status, its reason and what it advises", () => {
    const refused = new EngineError({ action: 'start "x"', state: "no such thing", status: 404 });
    const more = refused.extended({ suffix: "; it left more", details: ["Left behind:"] });
    expect(isNotFound(more)).toBe(true);
    expect(more).toMatchObject({
      message: 'Cannot start "x": no such thing; it left more',
      state: "no such thing; it left more",
      details: ["Left behind:"],
      cause: refused,
    });
    const away = makeTransportError(withCode("EACCES"), {}) as EngineError;
    expect(away.extended({ details: ["x"] })).toMatchObject({
      reason: "denied",
      isTransport: true,
      code: "engine-unreachable",
      hint: away.hint,
    });
  });

  test("advises by what became of the connection, and not because the engine says the same", () => {
    expect(makeTransportError(withCode("EACCES"), {})).toMatchObject({ hint: takeAccess });
    expect(new EngineError({ state: "no permission to open the socket", status: 403 }).hint).toBeUndefined();
  });
});
