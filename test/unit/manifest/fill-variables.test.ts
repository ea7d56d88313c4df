import { describe, expect, test } from "bun:test";
import { fillVariables } from "../../../src/manifest/fill-variables.ts";

const fill = (text: string) => {
  const values: Readonly<Record<string, string>> = { A: "a", EMPTY: "", NESTED: "${A}", DOLLAR: "$&" };
  return fillVariables(text, (name) => values[name]);
};

/** Each as the real Claude Code 2.1.330 fills it */
describe("fillVariables()", () => {
  test.each([
    ["nothing", "nothing"],
    ["${A}", "a"],
    ["x${A}y${A}", "xaya"],
    ["${A:-b}", "a"],
    ["${NONE:-b}", "b"],
    ["${NONE:-}", ""],
    ["${EMPTY:-b}", ""],
    ["${NONE:-https://b.example:443/x}/y", "https://b.example:443/x/y"],
    ["${NONE:-${A}}", "${A}"],
    ["${NESTED}", "${A}"],
    ["${DOLLAR}", "$&"],
    ["$A ${A-b} ${1} ${} ${A:=b}", "$A ${A-b} ${1} ${} ${A:=b}"],
  ])("makes of %s %s", (text, filled) => {
    expect(fill(text)).toEqual({ filled, missing: [] });
  });

  test("leaves what is missing, and names it once", () => {
    expect(fill("${NO}/${A}/${NO}/${NEITHER}")).toEqual({
      filled: "${NO}/a/${NO}/${NEITHER}",
      missing: ["NO", "NEITHER"],
    });
  });
});
