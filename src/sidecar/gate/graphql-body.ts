/**
 * What a GraphQL request asks for: the kind of each operation in it, and the fields that it begins with. Whatever two servers could read
 * differently is refused.
 */
// Of the whole package only what reads a document is bundled
import { Kind } from "graphql/language/kinds.js";
import { parse } from "graphql/language/parser.js";
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from "graphql";
import { JsonReader } from "./json-reader.ts";
import type { GraphqlWish } from "../../core/http-rules/http-rule.ts";

export interface GraphqlOperationFound {
  readonly operation: GraphqlWish["operation"];
  /** By the schema's names, whatever the request calls them */
  readonly fields: readonly string[];
}

export type GraphqlResult =
  | { readonly ok: true; readonly operations: readonly GraphqlOperationFound[] }
  | { readonly ok: false; readonly problem: string };

/** The largest of `gh` and of Octokit has some hundreds; what is nested too deeply has more */
const maxTokens = 5_000;
const maxBatch = 20;
/** Everything else can name a document that the server holds */
const knownKeys: ReadonlySet<string> = new Set(["query", "variables", "operationName"]);

class Unclear extends Error {}

/** Reads a whole body in JSON. Never throws. */
export function readGraphqlBody(body: Buffer): GraphqlResult {
  try {
    const value = readJson(body);
    const requests = Array.isArray(value) ? (value as unknown[]) : [value];
    if (requests.length === 0 || requests.length > maxBatch)
      throw new Unclear(`it holds no operation, or more than ${maxBatch}`);
    return { ok: true, operations: requests.flatMap(readRequest) };
  } catch (error) {
    if (error instanceof Unclear) return { ok: false, problem: error.message };
    // What the parser says quotes the request
    return { ok: false, problem: "it is not GraphQL that can be read" };
  }
}

function readJson(body: Buffer): unknown {
  requireUniqueKeys(body);
  return JSON.parse(body.toString("utf8"));
}

/** One parser takes the first of two equal keys, another one the last; some fold their case. */
function requireUniqueKeys(body: Buffer): void {
  const stack: (Set<string> | undefined)[] = [];
  const reader = new JsonReader({
    open: (kind) => void stack.push(kind === "object" ? new Set() : undefined),
    close: () => void stack.pop(),
    key(name) {
      const folded = name.toLowerCase();
      if (stack.at(-1)?.has(folded)) throw new Unclear("a key is there twice");
      stack.at(-1)?.add(folded);
    },
    text: () => undefined,
    word: () => undefined,
  });
  reader.push(body);
  reader.end();
}

function readRequest(value: unknown): GraphqlOperationFound[] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Unclear("it is not an object");
  const odd = Object.keys(value).find((key) => !knownKeys.has(key));
  if (odd !== undefined)
    throw new Unclear("it has more than a query, its variables and the name of its operation");
  const { query } = value as { readonly query?: unknown };
  if (typeof query !== "string") throw new Unclear("it has no query as a text");
  return listOperations(parse(query, { noLocation: true, maxTokens }));
}

/** All of them, whichever is to run: which one that is would be one more thing to understand differently. */
function listOperations({ definitions }: DocumentNode): GraphqlOperationFound[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of definitions) {
    if (one.kind === Kind.OPERATION_DEFINITION) continue;
    if (one.kind !== Kind.FRAGMENT_DEFINITION) throw new Unclear("it defines types");
    if (fragments.has(one.name.value)) throw new Unclear("it has two fragments of one name");
    fragments.set(one.name.value, one);
  }
  const found = definitions.flatMap((one) =>
    one.kind === Kind.OPERATION_DEFINITION
      ? [{ operation: one.operation, fields: listFields(one.selectionSet, fragments) }]
      : [],
  );
  if (found.length === 0) throw new Unclear("it has no operation");
  return found;
}

/** Of the first level, through fragments. */
function listFields(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): readonly string[] {
  const fields = new Set<string>();
  const opened = new Set<string>();
  const open: SelectionSetNode[] = [set];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const one of next.selections) {
      if (one.kind === Kind.FIELD) fields.add(one.name.value);
      else if (one.kind === Kind.INLINE_FRAGMENT) open.push(one.selectionSet);
      else if (!opened.has(one.name.value)) {
        const fragment = fragments.get(one.name.value);
        if (!fragment) throw new Unclear("it names a fragment that it does not have");
        opened.add(one.name.value);
        open.push(fragment.selectionSet);
      }
    }
  }
  return [...fields];
}

/** The first operation or field that no wish is for, in words; undefined if all are allowed. */
export function findUnwished(
  operations: readonly GraphqlOperationFound[],
  wishes: readonly GraphqlWish[],
): string | undefined {
  for (const { operation, fields } of operations) {
    const fitting = wishes.filter((one) => one.operation === operation);
    if (fitting.length === 0) return `a ${operation} of GraphQL`;
    if (fitting.some((one) => one.fields === undefined)) continue;
    const odd = fields.find(
      (field) => field !== "__typename" && !fitting.some((one) => one.fields?.includes(field)),
    );
    if (odd !== undefined) return `the field ${odd.slice(0, 80)} of a ${operation} of GraphQL`;
  }
  return undefined;
}
