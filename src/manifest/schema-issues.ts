/** Turns what the validator found into sentences: unknown keys with a suggestion, missing keys, wrong types. */
import * as v from "valibot";
import { quote, suggest } from "../core/text.ts";
import { findRetirement } from "./retired-keys.ts";
import { manifestSchema } from "./schema.ts";
import { renderPath } from "./source-tree.ts";
import type { Problem, SourceTree } from "./source-tree.ts";

type Issue = v.BaseIssue<unknown>;
type Path = readonly (string | number)[];

/** All problems of one file's value against the schema, in no particular order. */
export function findSchemaProblems(source: SourceTree): Problem[] {
  const lists = findListsForObjects(manifestSchema as unknown as SchemaNode, source.value, []);
  if (lists.length > 0) {
    return lists.map((path) => ({
      offset: source.offsetOf(path),
      path: renderPath(path),
      message: "must be an object, not a list",
    }));
  }
  const result = v.safeParse(manifestSchema, source.value, { abortPipeEarly: true });
  return (result.issues ?? []).map((issue) => describe(issue, source));
}

function describe(issue: Issue, source: SourceTree): Problem {
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const isKeyProblem = issue.path?.at(-1)?.origin === "key";
  const offset = isKeyProblem ? source.keyOffsetOf(path) : source.offsetOf(path);
  return {
    offset,
    path: renderPath(path),
    message: isKeyProblem ? describeKey(issue, path) : describeValue(issue, path),
  };
}

function describeKey(issue: Issue, path: Path): string {
  if (issue.type !== "strict_object") return issue.message;
  // The validator reports a missing key and an unknown key with the same type; what it expected tells them apart
  if (issue.expected !== "never") return "is missing";
  const retirement = findRetirement(path);
  if (retirement) return retirement;
  const key = String(path.at(-1));
  const known = findKnownKeys(path.slice(0, -1));
  const nearest = suggest(key, known);
  return nearest
    ? `is not a known key; did you mean ${quote(nearest)}?`
    : `is not a known key; known here: ${known.join(", ")}`;
}

const wantedByType: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  array: "a list",
  strict_object: "an object",
  record: "an object",
};

function describeValue(issue: Issue, path: Path): string {
  if (issue.kind !== "schema" || issue.type === "union") return issue.message;
  if (issue.type === "picklist")
    return `must be ${issue.expected?.replaceAll(" | ", " or ").replace(/^\((.*)\)$/, "$1")}${showCurrent(issue, path)}`;
  return `must be ${wantedByType[issue.type] ?? issue.expected}${showCurrent(issue, path)}`;
}

/** The current value, but never one of env: a literal there may be a secret. */
function showCurrent(issue: Issue, path: Path): string {
  const input = issue.input;
  if (path[0] === "bottles" && path[2] === "env") return `, not ${nameType(input)}`;
  if (typeof input === "string") return `, not ${quote(input, 60)}`;
  return typeof input === "number" || typeof input === "boolean"
    ? `, not ${String(input)}`
    : `, not ${nameType(input)}`;
}

function nameType(input: unknown): string {
  if (input === null) return "null";
  if (Array.isArray(input)) return "a list";
  return typeof input === "object" ? "an object" : `a ${typeof input}`;
}

/** The validator takes a list for an object without keys, so `"bottles": []` would be silently nothing. */
function findListsForObjects(schema: SchemaNode | undefined, value: unknown, path: Path): Path[] {
  if (schema?.wrapped) return findListsForObjects(schema.wrapped, value, path);
  const isObject = schema?.type === "strict_object" || schema?.type === "record";
  if (Array.isArray(value)) {
    return isObject
      ? [path]
      : value.flatMap((item, index) => findListsForObjects(schema?.item, item, [...path, index]));
  }
  if (!isObject || value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, item]) =>
    findListsForObjects(schema.entries?.[key] ?? schema.value, item, [...path, key]),
  );
}

interface SchemaNode {
  readonly type?: string;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly wrapped?: SchemaNode;
  readonly value?: SchemaNode;
  readonly item?: SchemaNode;
}

/** Keys the schema knows at a path, by walking the schema itself. */
function findKnownKeys(path: Path): string[] {
  let node: SchemaNode | undefined = manifestSchema as unknown as SchemaNode;
  const unwrap = (schema: SchemaNode | undefined): SchemaNode | undefined =>
    schema?.wrapped ? unwrap(schema.wrapped) : schema;
  for (const part of path) {
    const at: SchemaNode | undefined = unwrap(node);
    node = at?.entries ? at.entries[part] : (at?.value ?? at?.item);
  }
  return Object.keys(unwrap(node)?.entries ?? {});
}
