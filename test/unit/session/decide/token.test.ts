import { describe, expect, test } from "bun:test";
import { readEnvGrants } from "../../../../src/session/decide/grants.ts";
import { askToken, findToken, readToken } from "../../../../src/session/decide/token.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { failureOf } from "../../../support/failure.ts";

const source = { file: "claude-bottle.json", scope: "home", line: 1, column: 1 } as const;

describe("findToken()", () => {
  test("prefers the subscription, and finds nothing in empty variables", () => {
    const env = { CLAUDE_BOTTLE_OAUTH_TOKEN: "a", ANTHROPIC_API_KEY: "b" };
    expect(findToken(env)?.kind).toBe("oauth");
    expect(findToken({ ...env, CLAUDE_BOTTLE_OAUTH_TOKEN: " " })?.kind).toBe("api-key");
    expect(findToken({})).toBeUndefined();
  });
});

describe("readToken()", () => {
  test("takes white space around the token away", () => {
    const env = { CLAUDE_BOTTLE_OAUTH_TOKEN: "tok\n" };
    expect(readToken(env, findToken(env)).value.reveal()).toBe("tok");
  });

  test("says how to get a token when there is none", async () => {
    const error = await failureOf((async () => readToken({}, undefined))());
    expect(error.message).toBe("Cannot start claude: CLAUDE_BOTTLE_OAUTH_TOKEN is not set");
    expect(error.hint).toContain("claude setup-token");
    expect(error.exitCode).toBe(2);
  });

  test("refuses what is longer than any token, without showing it", async () => {
    const env = { CLAUDE_BOTTLE_OAUTH_TOKEN: "sk-a".repeat(3_000) };
    const error = await failureOf((async () => readToken(env, findToken(env)))());
    expect(error.message).toBe(
      "Cannot use CLAUDE_BOTTLE_OAUTH_TOKEN: it has 12000 characters, and no token is that long",
    );
  });

  test.each(["sk-a b", "sk-a\nb", "sk-aé"])(
    "refuses a token that cannot be a header, without showing it",
    async (value) => {
      const env = { CLAUDE_BOTTLE_OAUTH_TOKEN: value };
      const error = await failureOf((async () => readToken(env, findToken(env)))());
      expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain("sk-a");
    },
  );
});

describe("readToken()", () => {
  test.each([
    ["CLAUDE_BOTTLE_OAUTH_TOKEN", "sk-ant-api03-x", "it holds an API key", "ANTHROPIC_API_KEY"],
    ["ANTHROPIC_API_KEY", "sk-ant-oat01-x", "it holds a subscription token", "CLAUDE_BOTTLE_OAUTH_TOKEN"],
  ])("says that %s holds the other kind", async (variable, value, state, other) => {
    const env = { [variable]: value };
    const error = await failureOf((async () => readToken(env, findToken(env)))());
    expect(error.message).toBe(`Cannot use ${variable}: ${state}`);
    expect(error.hint).toBe(`Set ${other} to it instead, and unset ${variable}.`);
  });
});

describe("askToken()", () => {
  test("puts what was typed where it would have been found, by what it looks like", async () => {
    const oauth = await askToken({ A: "b" }, async () => " sk-ant-oat01-x ");
    expect(oauth["A"]).toBe("b");
    expect(readToken(oauth, findToken(oauth))).toMatchObject({ kind: "oauth" });
    const key = await askToken({}, async () => "sk-ant-api03-x");
    expect(findToken(key)).toEqual({ kind: "api-key", variable: "ANTHROPIC_API_KEY" });
  });

  test("refuses what could be none, without a part of it", async () => {
    const error = await failureOf(askToken({}, async () => "sk-two words"));
    expect(error.message).toBe("Cannot use what was typed: it is not one word that begins with sk-ant-");
  });
});

describe("readEnvGrants()", () => {
  test("asks, copies and takes literals, in order", async () => {
    const asked: string[] = [];
    const ask = async (question: string) => {
      asked.push(question);
      return "typed";
    };
    const grants = await readEnvGrants(
      [
        { name: "A", kind: "prompt", question: "your key", source },
        { name: "B", kind: "variable", variable: "HOST_B", source },
        { name: "C", kind: "literal", value: new Secret("fixed"), source },
      ],
      { HOST_B: "copied" },
      ask,
    );
    expect(grants.map(({ name, value }) => [name, value.reveal()])).toEqual([
      ["A", "typed"],
      ["B", "copied"],
      ["C", "fixed"],
    ]);
    expect(asked).toEqual(["A: your key"]);
    expect(JSON.stringify(grants)).not.toContain("typed");
  });
});
