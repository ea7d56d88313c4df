import { describe, expect, test } from "bun:test";
import { Picker } from "../../../../scripts/lib/fuzz/picker.ts";
import { decide } from "../../../../src/core/http-rules/decide.ts";
import { parseHttpRule } from "../../../../src/core/http-rules/http-rule.ts";
import { coversPath, matchesPath } from "../../../../src/core/http-rules/match-path.ts";
import { matchesText } from "../../../../src/core/http-rules/request-query.ts";

const rulesOf = (...lines: string[]) =>
  lines.map((line) => {
    const parsed = parseHttpRule(line);
    if (!parsed.ok) throw new Error(parsed.problem);
    return parsed.rule;
  });
const verdictOf = (rule: string, request: string) => {
  const [method = "", target = ""] = request.split(" ");
  return decide(rulesOf(rule), { method, target }).verdict;
};

describe("decide()", () => {
  test.each([
    ["GET /repos/acme/**", "GET /repos/acme/shop"],
    ["GET /repos/acme/**", "GET /repos/acme/shop/pulls?state=open"],
    ["GET /repos/acme/**", "HEAD /repos/acme/shop"],
    ["GET /repos/acme/**", "GET /repos/%61cme/shop"],
    ["* /**", "DELETE /"],
    ["* /**", "WEBSOCKET /live"],
    ["WEBSOCKET /live", "WEBSOCKET /live"],
    ["GET /*/-/*.tgz", "GET /left-pad/-/left-pad-1.0.0.tgz"],
    ["GET /@*%2f*", "GET /@scope%2Fname"],
    ["GET /**/info/refs", "GET /a/b/info/refs"],
    ["GET /a?", "GET /a"],
    ["GET /info/refs?service=git-upload-pack", "GET /info/refs?service=git-upload-pack"],
    ["GET /info/refs?service=git-*", "GET /info/refs?x=1&service=git-upload-pack"],
  ])("%s allows %s", (rule, request) => {
    expect(verdictOf(rule, request)).toBe("allowed");
  });

  test.each([
    ["GET /repos/acme/**", "POST /repos/acme/shop"],
    ["GET /repos/acme/**", "GET /repos/acme"],
    ["GET /repos/acme/**", "GET /repos/ACME/shop"],
    ["GET /repos/acme/**", "GET /repos/acme-evil/shop"],
    ["GET /repos/acme/**", "GET /repos/acme/../evil/shop"],
    ["GET /repos/acme/**", "GET /repos/acme/%2e%2e/evil/shop"],
    ["GET /repos/acme/**", "GET /repos/acme/..%2fevil"],
    ["GET /repos/acme/**", "GET /repos/acme/shop;x"],
    ["GET /repos/acme/**", "GET /repos/acme/a%2fb"],
    ["GET /**", "WEBSOCKET /live"],
    ["POST /a", "GET /a?_method=POST"],
    ["* /a", "POST /a?%5Fmethod=DELETE"],
    ["GET /*", "GET /"],
    ["GET /*", "GET /a/b"],
    ["GET /*", "GET /a%2fb"],
    ["GET /a", "GET /a/"],
    ["GET /a?", "GET /a?"],
    ["GET /a?", "GET /a?x"],
    ["GET /a", "GET /a?x#y"],
    ["GET /i?service=up", "GET /i"],
    ["GET /i?service=up", "GET /i?service=down"],
    ["GET /i?service=up", "GET /i?service=up&service=down"],
    ["GET /i?service=up", "GET /i?service=up&Service=down"],
    ["GET /i?service=up", "GET /i?service=up&service[]=down"],
    ["GET /i?service=up", "GET /i?service=up&serv%69ce=down"],
    ["GET /i?service=up", "GET /i?service=up;service=down"],
    ["GET /i?service=up", "GET /i?service=up&x=%zz"],
    ["POST /graphql query", "GET /graphql?query=%7Ba%7D"],
    ["POST /graphql query", "POST /graphql?query=mutation"],
  ])("%s does not allow %s", (rule, request) => {
    expect(verdictOf(rule, request)).toBe("refused");
  });

  test("leaves a request that a rule of GraphQL is for to its body, unless another rule allows it", () => {
    expect(verdictOf("POST /graphql query(a)", "POST /graphql")).toBe("by-body");
    expect(
      decide(rulesOf("POST /graphql query", "POST /graphql"), { method: "POST", target: "/graphql" }),
    ).toMatchObject({ verdict: "allowed", rule: { text: "POST /graphql" } });
  });

  test("gives the path in its one form with the query as it came, and says what was refused", () => {
    expect(decide(rulesOf("GET /**"), { method: "GET", target: "/%61/b?q=%61" })).toMatchObject({
      target: "/a/b?q=%61",
    });
    expect(decide(rulesOf("GET /x"), { method: "POST", target: `/${"a".repeat(500)}` })).toMatchObject({
      reason: `no rule of the host allows POST /${"a".repeat(199)}…`,
    });
    expect(decide([], { method: "GET", target: "/a//b" })).toMatchObject({
      reason: "the path has two slashes in a row",
      path: undefined,
    });
  });
});

/** What the words of docs/rules.md mean, written down once more in another way */
function matchesByRegExp(segments: readonly string[], pattern: readonly string[]): boolean {
  const one = "[^/]+";
  const parts = pattern.map((part) =>
    part === "**" ? "[^/]*(?:/[^/]*)*" : part.replaceAll(/[^*A-Za-z]/g, "\\$&").replaceAll("*", one),
  );
  return new RegExp(`^/${parts.join("/")}$`).test(`/${segments.join("/")}`);
}

describe("patterns of paths", () => {
  const word = (picker: Picker) => picker.list(0, 3, () => picker.pick(["a", "b"])).join("");
  const segmentsOf = (picker: Picker) => picker.list(1, 5, () => word(picker));
  const patternOf = (picker: Picker) =>
    picker.list(1, 5, () =>
      picker.pick([
        () => "**",
        () => "*",
        () => word(picker),
        () => `${word(picker)}*${word(picker)}*`,
        () => `*${word(picker)}`,
      ])(),
    );

  test("mean the same as regular expressions, and a wider one covers what a narrower one means", () => {
    let [matched, covered] = [0, 0];
    for (let seed = 1; seed <= 20_000; seed += 1) {
      const picker = new Picker(seed);
      const [segments, pattern, other] = [segmentsOf(picker), patternOf(picker), patternOf(picker)];
      const isMatch = matchesPath(segments, pattern);
      expect([segments, pattern, isMatch]).toEqual([segments, pattern, matchesByRegExp(segments, pattern)]);
      if (!isMatch) continue;
      matched += 1;
      if (!coversPath(other, pattern)) continue;
      covered += 1;
      expect([segments, other, matchesPath(segments, other)]).toEqual([segments, other, true]);
    }
    expect(matched).toBeGreaterThan(500);
    expect(covered).toBeGreaterThan(50);
  });

  test("take no longer than both are long", () => {
    expect(matchesText(`${"a".repeat(20_000)}b`, `${"*a".repeat(200)}c`)).toBe(false);
    expect(
      matchesPath(
        Array.from({ length: 256 }, () => "a"),
        ["**", "a", "**", "b"],
      ),
    ).toBe(false);
  });
});
