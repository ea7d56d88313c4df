import { describe, expect, test } from "bun:test";
import { BottleError } from "../../../../src/core/error.ts";
import { renderError } from "../../../../src/cli/render/render-error.ts";
import { Interrupted } from "../../../../src/host/signals.ts";

const plain = { version: "1.2.3", hasColor: false, isVerbose: false };

describe("renderError()", () => {
  test("prints message, details and hint of an expected error, and its exit code", () => {
    const error = new BottleError({
      code: "engine-unreachable",
      message: "Cannot reach the engine: nobody listens",
      details: ["unix:///a: there is no socket"],
      hint: "Start it.",
    });
    expect(renderError(error, plain)).toEqual({
      text: "error: Cannot reach the engine: nobody listens\n  unix:///a: there is no socket\nhint: Start it.\n",
      exitCode: 125,
    });
  });

  test("apologises for a bug, shows its stack only when asked, and escapes its text", () => {
    const bug = new TypeError("x is not\u001b[31m a function");
    const quiet = renderError(bug, plain);
    expect(quiet.exitCode).toBe(1);
    expect(quiet.text).toContain("x is not\\x1b[31m a function");
    expect(quiet.text).toContain("This is a bug in claude-bottle 1.2.3");
    expect(quiet.text).not.toContain("render-error.test");
    expect(renderError(bug, { ...plain, isVerbose: true }).text).toContain("render-error.test");
  });

  test("is silent about a signal", () => {
    expect(renderError(new Interrupted("SIGTERM"), plain)).toEqual({ text: "", exitCode: 143 });
  });

  test("colours only where there is colour", () => {
    const error = new BottleError({ code: "usage", message: "No", hint: "Yes" });
    expect(renderError(error, { ...plain, hasColor: true }).text).toBe(
      "\u001b[31merror:\u001b[0m No\n\u001b[36mhint:\u001b[0m Yes\n",
    );
  });
});
