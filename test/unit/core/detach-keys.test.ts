import { describe, expect, test } from "bun:test";
import { makeDetachKeys } from "../../../src/core/detach-keys.ts";

/** What passes of each chunk; `-` for detached */
function pass(...chunks: string[]): string[] {
  const keys = makeDetachKeys();
  return chunks.map((chunk) => {
    const rest = keys.pass(Buffer.from(chunk));
    return rest === undefined ? "-" : Buffer.from(rest).toString();
  });
}

describe("the detach keys", () => {
  test.each([
    ["the control character", ["\u001d", "d"]],
    ["both keys in one packet", ["ab\u001ddcd"]],
    ["the kitty protocol", ["\u001b[93;5u", "\u001b[100u"]],
    ["xterm's modified keys", ["\u001b[27;5;93~", "d"]],
  ])("are found as %s", (_name, chunks) => {
    expect(pass(...chunks).at(-1)).toBe("-");
  });

  test("let everything else through, also a prefix with another key behind it", () => {
    expect(pass("a\u001d", "x", "\u001d\u001d", "ü", "d")).toEqual([
      "a",
      "\u001dx",
      "\u001d",
      "\u001dü",
      "d",
    ]);
  });
});
