import { describe, expect, test } from "bun:test";
import { insertRule } from "../../../src/manifest/insert-entry.ts";
import { makeDestinations } from "../../../src/plan/destinations.ts";
import { findUselessRules } from "../../../src/plan/useless-rules.ts";
import { judgeHost } from "../../../src/plan/judge-host.ts";
import { aBottle, aFile, complaintAbout } from "../../support/manifests.ts";
import { parseManifests } from "../../../src/manifest/parse-manifest.ts";

const egressOf = (egress: unknown) => complaintAbout(JSON.stringify({ bottles: { dev: { egress } } }));
const rulesOf = (egress: Record<string, unknown>, host: string) =>
  makeDestinations(aBottle({ egress })).find((one) => one.host === host)?.rules;
const doubtsOf = (egress: Record<string, unknown>) =>
  findUselessRules(aBottle({ egress })).map((one) =>
    one.problem.replaceAll(/claude-bottle\.json:1:\d+/g, "PLACE"),
  );

describe("an entry of the allowlist with rules", () => {
  test("has its lines with their places, and those of its preset", () => {
    const rules = rulesOf(
      { allowlist: [{ host: "A.example", allow: ["GET /a", "POST /b"], preset: "github-read" }] },
      "a.example",
    );
    expect(rules?.account).toBe("own");
    expect(rules?.lines.map(({ text, preset }) => [text, preset])).toEqual([
      ["GET /a", undefined],
      ["POST /b", undefined],
      ["GET /**", "github-read"],
      ["POST /graphql query", "github-read"],
      ["POST /*/*/git-upload-pack", "github-read"],
    ]);
    const columns = rules?.lines.map(({ source }) => source.column) ?? [];
    expect(new Set(columns.slice(0, 3)).size).toBe(3);
    expect(rulesOf({ allowlist: [{ host: "r.example", preset: "docker-pull" }] }, "r.example")?.account).toBe(
      "any",
    );
    const strict = { host: "r.example", preset: "docker-pull", account: "required" };
    expect(rulesOf({ allowlist: [strict] }, "r.example")?.account).toBe("required");
  });

  test.each([
    [{ host: "a.example" }, 'has neither "allow" nor "preset"'],
    [{ host: "a.example", allow: [] }, "is empty"],
    [{ host: "a.example", allow: ["GET /a", "get /x"] }, "allow[1]"],
    [{ host: "a.example", allow: ["GET,get /x"] }, "must be upper case: GET (at character 5)"],
    [{ host: "a.example:8443", allow: ["GET /x"] }, "rules are for TLS on port 443"],
    [{ host: "a.example", preset: "npm" }, 'preset must be "npm-install" or'],
    [{ host: "a.example", allow: ["GET /x"], account: "mine" }, "account"],
    [{ host: "a.example", deny: ["GET /x"] }, "deny"],
    [{ allow: ["GET /x"] }, "host"],
    [{ host: "api.anthropic.com", allow: ["GET /x"] }, "Claude's own credential"],
  ])("is refused with its place: %j", (entry, message) => {
    expect(egressOf({ allowlist: [entry] })).toContain(message);
  });

  test("is refused beside another one for the host, and where pipelock opens it", () => {
    const entry = { host: "a.example", allow: ["GET /x"] };
    expect(egressOf({ allowlist: ["a.example", entry] })).toContain("is listed twice");
    const inspect = [{ host: "*.example.org", by: "pipelock" }];
    const below = { host: "a.example.org", allow: ["GET /x"] };
    expect(egressOf({ allowlist: [below], inspect })).toContain("which pipelock opens");
  });

  test("stays narrow where other lists name the host, and adds up with what the bottle stands on", () => {
    const entry = { host: "a.example", allow: ["GET /x"] };
    expect(
      rulesOf({ allowlist: [entry], private: ["a.example"], inspect: ["a.example"] }, "a.example"),
    ).toBeDefined();
    const extended = (own: unknown) =>
      parseManifests([
        aFile({
          bottles: {
            base: { egress: { allowlist: [entry] } },
            dev: { extends: "base", egress: { allowlist: [own] } },
          },
        }),
      ]).bottles.get("dev");
    const joined = extended({ host: "a.example", allow: ["GET /y"], account: "required" });
    expect(joined && makeDestinations(joined)[0]?.rules).toMatchObject({
      lines: [{ text: "GET /x" }, { text: "GET /y" }],
      account: "required",
    });
    const whole = extended("a.example");
    expect(whole && makeDestinations(whole)[0]?.rules).toBeUndefined();
    expect(whole && findUselessRules(whole)[0]?.problem).toContain("never count");
  });

  test("of a pattern is for what another list names below it, too", () => {
    const egress = {
      allowlist: ["*.x.example", { host: "*.b.x.example", allow: ["GET /x"] }],
      private: ["a.b.x.example", "a.x.example"],
    };
    expect(rulesOf(egress, "a.b.x.example")?.lines).toHaveLength(1);
    expect(rulesOf(egress, "a.x.example")).toBeUndefined();
    expect(
      rulesOf({ ...egress, allowlist: [...egress.allowlist, "a.b.x.example"] }, "a.b.x.example"),
    ).toBeUndefined();
  });

  test("is written into the manifest, into the host's entry where there is one", () => {
    const text = '{\n  // mine\n  "bottles": { "dev": { "egress": { "allowlist": ["b.example"] } } }\n}\n';
    const first = insertRule(text, "dev", "a.example", "GET /x");
    expect(first).toContain('["b.example", { "host": "a.example", "allow": ["GET /x"] }]');
    expect(insertRule(first, "dev", "a.example", "GET /y")).toContain('"allow": ["GET /x", "GET /y"]');
    expect(insertRule('{ "bottles": { "dev": {} } }', "dev", "a.example", "GET /x")).toBe(
      '{ "bottles": { "dev": { "egress": { "allowlist": [{ "host": "a.example", "allow": ["GET /x"] }] } } } }',
    );
    const preset =
      '{ "bottles": { "dev": { "egress": { "allowlist": [{ "host": "a.example", "preset": "apt" }] } } } }';
    expect(insertRule(preset, "dev", "a.example", "GET /x")).toContain(
      '"preset": "apt", "allow": ["GET /x"]',
    );
  });
});

describe("a rule of no use", () => {
  test.each([
    [["GET /a/**", "GET /a/b"], ['"GET /a/b" is of no use: "GET /a/**" (PLACE) allows it']],
    [["GET /a", "GET /a"], ['"GET /a" is of no use: "GET /a" (PLACE) allows it']],
    [["HEAD /a", "GET /a"], ['"HEAD /a" is of no use: "GET /a" (PLACE) allows it']],
    [
      ["* /**", "POST /graphql query(a)"],
      ['"POST /graphql query(a)" is of no use: "* /**" (PLACE) allows it'],
    ],
    [
      ["POST /g query", "POST /g query(a)"],
      ['"POST /g query(a)" is of no use: "POST /g query" (PLACE) allows it'],
    ],
    [
      ["GET /a", "POST /a", "GET /a/b", "GET /*/b"],
      ['"GET /a/b" is of no use: "GET /*/b" (PLACE) allows it'],
    ],
    [["GET /a?x=1", "GET /a?y=1", "POST /g mutation(a)", "POST /g query"], []],
  ])("%j", (allow, doubts) => {
    expect(doubtsOf({ allowlist: [{ host: "a.example", allow }] })).toEqual(doubts);
  });

  test("is told with a way around it", () => {
    const entry = { host: "a.example", allow: ["GET /a"] };
    expect(doubtsOf({ allowlist: [entry], http: ["*.a.example"] })).toEqual([
      "the rules of a.example are not asked on plain http, which PLACE allows",
    ]);
    expect(doubtsOf({ allowlist: [entry], tcp: ["a.example:443"] })).toEqual([
      "the rules of a.example never count: PLACE allows it by egress.tcp",
    ]);
    expect(doubtsOf({ allowlist: [entry], tcp: ["a.example:5432"], http: ["b.example"] })).toEqual([]);
  });
});

describe("judgeHost() of one request", () => {
  const bottle = aBottle({
    egress: {
      allowlist: [
        "*.example.org",
        { host: "a.example.org", allow: ["GET /a/**", "POST /g query"], preset: "apt" },
      ],
    },
  });
  const judge = (method: string, target: string, host = "a.example.org") =>
    judgeHost(bottle, { host, port: 443, request: { method, target } });

  test("names the rule and its place, or what to write", () => {
    expect(judge("GET", "/a/b")).toMatchObject({ verdict: "allowed", source: { line: 1 } });
    expect(judge("GET", "/a/b").reason).toStartWith('the rule "GET /a/**"');
    expect(judge("GET", "/pool/x").reason).toContain("of the preset apt");
    expect(judge("POST", "/g").reason).toContain("if that is what its body asks for");
    expect(judge("POST", "/a/b")).toMatchObject({
      verdict: "blocked",
      reason: "no rule of the host allows POST /a/b",
      advice: ['Write "POST /a/b" under "allow" of the entry for a.example.org in egress.allowlist.'],
    });
    expect(judge("GET", "/a/../b").advice).toEqual([
      "No rule can allow it: servers read such a path in different ways.",
    ]);
    // The pattern allows every other name below it whole
    expect(judge("POST", "/x", "b.example.org").verdict).toBe("allowed");
  });
});
