import { describe, expect, test } from "bun:test";
import { findUnwished, readGraphqlBody } from "../../../../src/sidecar/gate/graphql-body.ts";

const read = (body: unknown) =>
  readGraphqlBody(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
const operationsOf = (query: string) => {
  const found = read({ query });
  return found.ok ? found.operations : found.problem;
};

describe("readGraphqlBody()", () => {
  test("lists the fields that operations begin with, by the schema's names, through fragments", () => {
    expect(operationsOf("{ viewer { login } }")).toEqual([{ operation: "query", fields: ["viewer"] }]);
    expect(
      operationsOf(
        "fragment F on Query { a ...G } fragment G on Query { b ...F } { ...F ... on Query { x: c } }",
      ),
    ).toEqual([{ operation: "query", fields: ["c", "a", "b"] }]);
    expect(operationsOf("query A { a } mutation B { b } subscription C { c }")).toEqual([
      { operation: "query", fields: ["a"] },
      { operation: "mutation", fields: ["b"] },
      { operation: "subscription", fields: ["c"] },
    ]);
    expect(operationsOf("query { a # } mutation {\r b }")).toEqual([
      { operation: "query", fields: ["a", "b"] },
    ]);
    expect(
      read([{ query: "{ a }" }, { query: "mutation { b }", variables: { x: 1 }, operationName: null }]),
    ).toEqual({
      ok: true,
      operations: [
        { operation: "query", fields: ["a"] },
        { operation: "mutation", fields: ["b"] },
      ],
    });
  });

  test.each([
    ["", "cannot be read|can be read"],
    ["{", "can be read"],
    ["[]", "no operation"],
    ["null", "not an object"],
    [[[{ query: "{ a }" }]], "not an object"],
    [{}, "no query"],
    [{ query: 1 }, "no query"],
    [{ query: "{ a }", id: "x" }, "more than a query"],
    [{ query: "{ a }", extensions: { persistedQuery: {} } }, "more than a query"],
    ['{"query":"{ a }","query":"{ b }"}', "a key is there twice"],
    ['{"query":"{ a }","QUERY":"{ b }"}', "a key is there twice"],
    ['{"query":"{ a }","qu\\u0065ry":"{ b }"}', "a key is there twice"],
    ['{"query":"{ a }"} {"query":"{ b }"}', "can be read"],
    ["\ufeff{}", "can be read"],
    [{ query: "type A { b: C }" }, "defines types"],
    [{ query: "fragment F on A { b }" }, "no operation"],
    [{ query: "{ ...F }" }, "fragment that it does not have"],
    [{ query: "{ ...F } fragment F on Q { a } fragment F on Q { b }" }, "two fragments"],
    [{ query: `{ ${"a { ".repeat(20_000)} }` }, "can be read"],
    [{ query: "{".repeat(4_999) }, "can be read"],
    [Array.from({ length: 21 }, () => ({ query: "{ a }" })), "more than 20"],
  ])("says why it cannot decide on %j", (body, problem) => {
    const found = read(body);
    expect(found.ok ? "" : found.problem).toMatch(new RegExp(problem));
  });
});

test("what is asked for must be wished for, each operation and each field", () => {
  const wishes = [
    { operation: "query", fields: ["viewer", "node"] },
    { operation: "query", fields: ["repository"] },
    { operation: "mutation", fields: undefined },
  ] as const;
  const unwished = (...operations: ["query" | "mutation" | "subscription", string[]][]) =>
    findUnwished(
      operations.map(([operation, fields]) => ({ operation, fields })),
      wishes,
    );
  expect(unwished(["query", ["viewer", "repository", "__typename"]], ["mutation", ["any"]])).toBeUndefined();
  expect(unwished(["query", ["viewer"]], ["query", ["organization"]])).toBe(
    "the field organization of a query of GraphQL",
  );
  expect(unwished(["query", ["__schema"]])).toContain("__schema");
  expect(unwished(["subscription", ["viewer"]])).toBe("a subscription of GraphQL");
});
