import { describe, expect, test } from "bun:test";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import { findUnfilled, findUnreachable } from "../../../src/plan/unworkable.ts";
import { aBottle } from "../../support/manifests.ts";

describe("findUnreachable()", () => {
  const problemsOf = (egress: Record<string, unknown>) =>
    findUnreachable(makeDestinations(aBottle({ egress }))).map((one) => one.problem.split(" ")[0]);

  test("names addresses and names of the machine that no rule of this kind opens", () => {
    expect(problemsOf({ allowlist: ["localhost", "10.0.0.1", "127.0.0.1", "8.8.8.8", "a.test"] })).toEqual([
      "10.0.0.1",
      "127.0.0.1",
      "localhost",
    ]);
  });

  test("takes a private rule for private addresses and for nothing else", () => {
    expect(problemsOf({ private: ["10.0.0.1", "169.254.169.254"] })).toEqual(["169.254.169.254"]);
  });
});

describe("findUnfilled()", () => {
  const problemsOf = (env: Record<string, unknown>) =>
    findUnfilled(aBottle({ env })).map((one) => one.problem);

  test("tells of a variable without braces", () => {
    expect(problemsOf({ A: "$TOKEN" })).toEqual([
      'A is the text "$TOKEN" and not a variable\'s value; write "${TOKEN}"',
    ]);
  });

  test.each(["${TOKEN}", "?ask", "plain", "p4ss$word", "$", "$5", "a$b$c"])("leaves %s alone", (value) => {
    expect(problemsOf({ A: value })).toEqual([]);
  });
});
