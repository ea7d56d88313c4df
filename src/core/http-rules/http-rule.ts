/** One line of what an allowed host allows: `GET /repos/acme/**`, `POST /graphql query(repository)`. */
import { anySegments } from "./match-path.ts";
import { parseRequestPath } from "./request-path.ts";
import type { QueryWish } from "./request-query.ts";

export type GraphqlOperation = "query" | "mutation" | "subscription";

export interface GraphqlWish {
  readonly operation: GraphqlOperation;
  /** Names of the fields that an operation may begin with; undefined: any */
  readonly fields: readonly string[] | undefined;
}

export interface HttpRule {
  /** As it was written */
  readonly text: string;
  /** Undefined: all */
  readonly methods: readonly string[] | undefined;
  readonly path: readonly string[];
  readonly query: readonly QueryWish[];
  /** The request must have no query at all */
  readonly forbidsQuery: boolean;
  readonly graphql: GraphqlWish | undefined;
}

export type HttpRuleResult =
  | { readonly ok: true; readonly rule: HttpRule }
  | {
      readonly ok: false;
      readonly problem: string;
      /** Where in the text, from 0 */
      readonly at: number;
    };

/** A word of a rule for what is no method of HTTP: a connection that becomes a WebSocket */
export const webSocketMethod = "WEBSOCKET";
const maxLength = 1024;
const maxPatternSegments = 64;
/** Each more makes matching and comparing slower, and nobody can read it */
const maxAnySegments = 2;
const methods: ReadonlySet<string> = new Set([
  ..."GET HEAD POST PUT PATCH DELETE OPTIONS QUERY".split(" "),
  ..."PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK SEARCH REPORT MKCALENDAR PURGE".split(" "),
  webSocketMethod,
]);

class RuleProblem extends Error {
  readonly at: number;

  constructor(problem: string, at: number) {
    super(problem);
    this.at = at;
  }
}

/** Reads one line. */
export function parseHttpRule(text: string): HttpRuleResult {
  try {
    return { ok: true, rule: readRule(text) };
  } catch (error) {
    if (!(error instanceof RuleProblem)) throw error;
    return { ok: false, problem: error.message, at: error.at };
  }
}

function readRule(text: string): HttpRule {
  if (text.length > maxLength) throw new RuleProblem(`is longer than ${maxLength} characters`, maxLength);
  const odd = text.search(/[^\x20-\x7e]/);
  if (odd >= 0)
    throw new RuleProblem("has a character outside printable ASCII; write it percent-encoded", odd);
  const parts = /^([^ ]*) ([^ ]+)(?: (.*))?$/.exec(text);
  if (!parts) throw new RuleProblem('is not "METHOD /path", with one space', 0);
  const [, methodText = "", target = "", suffix] = parts;
  const pathAt = methodText.length + 1;
  const wanted = readMethods(methodText);
  const { path, query, forbidsQuery } = readTarget(target, pathAt);
  const graphql = suffix === undefined ? undefined : readGraphql(suffix, pathAt + target.length + 1);
  if (graphql && (wanted?.length !== 1 || wanted[0] !== "POST"))
    throw new RuleProblem(`asks for GraphQL, which needs the method POST alone`, 0);
  return { text, methods: wanted, path, query, forbidsQuery, graphql };
}

function readMethods(text: string): readonly string[] | undefined {
  if (text === "*") return undefined;
  let at = 0;
  const read: string[] = [];
  for (const word of text.split(",")) {
    if (!methods.has(word)) throw new RuleProblem(describeMethod(word), at);
    if (read.includes(word)) throw new RuleProblem(`names ${word} twice`, at);
    read.push(word);
    at += word.length + 1;
  }
  // A HEAD is the GET without its body
  return read.includes("GET") && !read.includes("HEAD") ? [...read, "HEAD"] : read;
}

function describeMethod(word: string): string {
  if (word === "") return "has no method; write GET, a list such as GET,POST, or *";
  const upper = word.toUpperCase();
  if (methods.has(upper)) return `has "${word}", which must be upper case: ${upper}`;
  return word === "*" ? "has * beside other methods" : `has "${word}", which is no known method`;
}

function readTarget(target: string, at: number): Pick<HttpRule, "path" | "query" | "forbidsQuery"> {
  const [pathText = "", ...rest] = target.split("?");
  if (rest.length > 1) throw new RuleProblem("has two question marks", at + target.lastIndexOf("?"));
  const path = readPattern(pathText, at);
  const queryText = rest[0];
  const queryAt = at + pathText.length + 1;
  return {
    path,
    forbidsQuery: queryText === "",
    query: queryText === undefined || queryText === "" ? [] : readWishes(queryText, queryAt),
  };
}

function readPattern(text: string, at: number): readonly string[] {
  if (!text.startsWith("/")) throw new RuleProblem("must have a path that begins with a slash", at);
  const parsed = parseRequestPath(text);
  if (!parsed.ok) throw new RuleProblem(`can match no request: ${parsed.problem}`, at);
  const { segments } = parsed;
  const mixed = segments.find((one) => one.includes("**") && one !== anySegments);
  if (mixed !== undefined)
    throw new RuleProblem(
      "has ** beside other characters; it stands for whole segments",
      at + text.indexOf("**"),
    );
  if (segments.filter((one) => one === anySegments).length > maxAnySegments)
    throw new RuleProblem(`has ** more than ${maxAnySegments} times`, at + text.lastIndexOf("**"));
  if (segments.length > maxPatternSegments)
    throw new RuleProblem(`has more than ${maxPatternSegments} segments`, at);
  return segments;
}

function readWishes(text: string, at: number): readonly QueryWish[] {
  const seen = new Set<string>();
  let place = at;
  return text.split("&").map((pair) => {
    const [, name = "", value = ""] = /^([A-Za-z0-9_.-]+)=([^=;%+]*)$/.exec(pair) ?? [];
    if (name === "")
      throw new RuleProblem(
        'has a query that is not "name=value" or "name=*", joined by "&" and without escapes',
        place,
      );
    if (seen.has(name)) throw new RuleProblem(`names the parameter ${name} twice`, place);
    seen.add(name);
    place += pair.length + 1;
    return { name, value };
  });
}

function readGraphql(text: string, at: number): GraphqlWish {
  const parts = /^(query|mutation|subscription)(?:\(([^()]*)\))?$/.exec(text);
  if (!parts)
    throw new RuleProblem(
      'has something behind the path that is not "query", "mutation" or "subscription", each with names of fields or without: query(viewer,repository)',
      at,
    );
  const [, operation = "", list] = parts;
  if (list === undefined) return { operation: operation as GraphqlOperation, fields: undefined };
  const fields = list.split(",").map((one) => one.trim());
  const bad = fields.find((one) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(one));
  if (bad !== undefined)
    throw new RuleProblem(`names "${bad}", which is no name of a field`, at + operation.length + 1);
  return { operation: operation as GraphqlOperation, fields };
}
