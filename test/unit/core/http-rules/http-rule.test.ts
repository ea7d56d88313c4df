import { describe, expect, test } from "bun:test";
import { parseHttpRule } from "../../../../src/core/http-rules/http-rule.ts";

describe("parseHttpRule()", () => {
  test("reads methods, path, query and GraphQL", () => {
    expect(parseHttpRule("GET,POST /repos/acme/**")).toEqual({
      ok: true,
      rule: {
        text: "GET,POST /repos/acme/**",
        methods: ["GET", "POST", "HEAD"],
        path: ["repos", "acme", "**"],
        query: [],
        forbidsQuery: false,
        graphql: undefined,
      },
    });
    expect(parseHttpRule("* /%72eports/")).toMatchObject({
      rule: { methods: undefined, path: ["reports", ""] },
    });
    expect(parseHttpRule("GET /info/refs?service=git-upload-pack&v=*")).toMatchObject({
      rule: {
        query: [
          { name: "service", value: "git-upload-pack" },
          { name: "v", value: "*" },
        ],
      },
    });
    expect(parseHttpRule("GET /a?")).toMatchObject({ rule: { forbidsQuery: true, query: [] } });
    expect(parseHttpRule("POST /graphql query")).toMatchObject({
      rule: { graphql: { operation: "query", fields: undefined } },
    });
    expect(parseHttpRule("POST /graphql mutation(createPullRequest, addComment)")).toMatchObject({
      rule: { graphql: { operation: "mutation", fields: ["createPullRequest", "addComment"] } },
    });
    expect(parseHttpRule("WEBSOCKET /live/*")).toMatchObject({ rule: { methods: ["WEBSOCKET"] } });
  });

  test.each([
    ["", "is not", 0],
    ["GET", "is not", 0],
    ["/repos", "is not", 0],
    [" /repos", "has no method", 0],
    ["get /repos", "must be upper case: GET", 0],
    ["GET,get /repos", "must be upper case: GET", 4],
    ["GET,FETCH /repos", 'has "FETCH", which is no known method', 4],
    ["GET,* /repos", "has * beside other methods", 4],
    ["GET,GET /repos", "names GET twice", 4],
    ["CONNECT /repos", "no known method", 0],
    ["GET repos", "begins with a slash", 4],
    ["GET https://h/a", "begins with a slash", 4],
    ["GET /a/../b", "can match no request: the path has a dot segment", 4],
    ["GET //a", "two slashes", 4],
    ["GET /a**", "** beside other characters", 6],
    ["GET /***", "** beside other characters", 5],
    ["GET /**/a/**/b/**", "more than 2 times", 15],
    ["GET /é", "outside printable ASCII", 5],
    ["GET /a?b", 'not "name=value"', 7],
    ["GET /a?b=1&b=2", "names the parameter b twice", 11],
    ["GET /a?b=%20", 'not "name=value"', 7],
    ["GET /a?b=1?c", "two question marks", 10],
    ["GET /graphql query", "needs the method POST", 0],
    ["POST /graphql queries", "has something behind the path", 14],
    ["POST /graphql query()", 'names ""', 20],
    ["POST /graphql query(a b)", 'names "a b"', 20],
    ["GET  /a", "is not", 0],
  ])("says what is wrong with %j, and where", (text, problem, at) => {
    const parsed = parseHttpRule(text);
    expect(parsed.ok ? "" : parsed.problem).toContain(problem);
    expect(parsed.ok ? -1 : parsed.at).toBe(at);
  });
});
