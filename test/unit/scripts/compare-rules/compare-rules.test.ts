import { describe, expect, test } from "bun:test";
import { compareWith } from "../../../../scripts/lib/compare-rules/betterleaks.ts";
import { sampleOf } from "../../../../scripts/lib/compare-rules/sample-of.ts";
import { makeUp } from "../../../support/inspect/made-up.ts";

describe("sampleOf()", () => {
  // What it makes is taken by the expression that it was made from, as JavaScript reads it
  test.each([
    [String.raw`\b(abc_[A-Za-z0-9_-]{20,40})(?:['"\x60]|[\s;]|$)`, undefined],
    [String.raw`(?:a|bc)+d?e*[^x]{3}\.[0-9a-f]{8}`, undefined],
    [String.raw`[\w\]-]{4}\d{2,}(x|y){2}`, undefined],
    [String.raw`(?i)KEY-(?P<rest>[a-z]{10})\z`, /^KEY-[a-z]{10}$/i],
    [String.raw`[[:alnum:]]{12}`, /^\w{12}$/],
  ])("makes what %s takes", (pattern, expected) => {
    const m = makeUp(3);
    for (let round = 0; round < 50; round += 1)
      expect(sampleOf(pattern, m)).toMatch(expected ?? new RegExp(`^(?:${pattern})$`));
  });

  test.each(["(a", "[a"])("says that it cannot read %s", (pattern) => {
    expect(() => sampleOf(pattern, makeUp(1))).toThrow();
  });
});

describe("compareWith()", () => {
  const rule = (id: string, regex: string) => `[[rules]]\nid = "${id}"\nregex = '''${regex}'''\n`;

  test("tells rules whose texts are found from those whose are not, and from known gaps", () => {
    const rules = [
      rule("known-to-us", "glpat-[A-Za-z0-9]{20}"),
      rule("unknown-to-us", "zzz_[a-z0-9]{30}"),
      rule("jwt", String.raw`\beyJ[a-z0-9]{20}\.eyJ[a-z0-9]{20}\.[a-z0-9]{20}`),
      // By words around it: not looked at
      rule("generic", String.raw`[\w.-]{0,50}?(?:key)[ \t\w.-]{0,20}[a-z0-9]{32}`),
      '[[rules]]\nid = "a-path"\npath = "x"\n',
    ];
    const { known, ...rest } = compareWith(rules.join("\n"));
    expect(rest).toEqual({ rules: 3, found: 1, missed: ["unknown-to-us"], closed: [] });
    expect(known).toEqual([expect.stringContaining("jwt: ")]);
  });

  test("tells a known gap that is none any more", () => {
    expect(compareWith(rule("jwt", "glpat-[A-Za-z0-9]{20}")).closed).toEqual(["jwt"]);
  });
});
