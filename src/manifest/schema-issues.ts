/** Turns what the validator found into sentences: unknown keys with a suggestion, missing keys, wrong types. */
import * as v from "valibot";
import { quote, suggest } from "../core/text.ts";
import { findForeignMcpKey } from "./foreign-mcp-keys.ts";
import { findRetirement } from "./retired-keys.ts";
import { manifestSchema } from "./schema.ts";
import { renderPath } from "./source-tree.ts";
import type { Path, Problem, SourceTree } from "./source-tree.ts";
import { saysWhatMust } from "./rule.ts";

type Issue = v.BaseIssue<unknown>;

/** All problems of one file's value against a schema, the manifest's by default, in no particular order. */
export function findSchemaProblems(
  source: SourceTree,
  schema: v.GenericSchema<unknown, unknown> = manifestSchema,
): Problem[] {
  const root = schema as unknown as SchemaNode;
  const shape = [...findShapeProblems(root, source, source.value, [])];
  const result = v.safeParse(schema, source.value, { abortPipeEarly: true });
  const issues = (result.issues ?? []).filter((issue) => !isSeen(issue, source.value, root));
  return [...shape, ...issues.map((issue) => makeProblem(issue, source))];
}

interface SchemaNode {
  readonly type?: string;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly wrapped?: SchemaNode;
  readonly value?: SchemaNode;
  readonly item?: SchemaNode;
  /** Of a union of one text and one object */
  readonly options?: readonly SchemaNode[];
}

/**
 * What the validator says badly or not at all: it names only the first unknown key of an object, and takes a list for an object
 * without keys, so that `"bottles": []` would be silently nothing.
 */
function* findShapeProblems(
  schema: SchemaNode | undefined,
  source: SourceTree,
  value: unknown,
  path: Path,
): Generator<Problem> {
  const object = schema?.options?.find((option) => option.type === "strict_object");
  if (schema?.wrapped) yield* findShapeProblems(schema.wrapped, source, value, path);
  else if (object) yield* Array.isArray(value) ? [] : findShapeProblems(object, source, value, path);
  else if (isListForObject(schema, value)) {
    const message = "must be an object, not a list";
    yield { offset: source.offsetOf(path), path: renderPath(path), message };
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      yield* findShapeProblems(schema?.item, source, item, [...path, index]);
  } else if (schema && value !== null && typeof value === "object") {
    for (const [key, item] of Object.entries(value)) {
      const here = [...path, key];
      if (schema.entries && !Object.hasOwn(schema.entries, key))
        yield {
          offset: source.keyOffsetOf(here),
          path: renderPath(here),
          message: renderUnknown(here, Object.keys(schema.entries)),
        };
      else yield* findShapeProblems(schema.entries?.[key] ?? schema.value, source, item, here);
    }
  }
}

function isListForObject(schema: SchemaNode | undefined, value: unknown): boolean {
  return Array.isArray(value) && (schema?.type === "strict_object" || schema?.type === "record");
}

/** True for an issue that `findShapeProblems` has reported: an unknown key, or anything inside a list for an object. */
function isSeen(issue: Issue, root: unknown, rootSchema: SchemaNode): boolean {
  if (issue.type === "strict_object" && issue.expected === "never") return true;
  let schema: SchemaNode | undefined = rootSchema;
  let value: unknown = root;
  for (const { key } of [...(issue.path ?? []), { key: undefined }]) {
    while (schema?.wrapped) schema = schema.wrapped;
    if (isListForObject(schema, value)) return true;
    schema = schema?.entries?.[String(key)] ?? schema?.value ?? schema?.item;
    value = (value as Record<string, unknown> | undefined)?.[String(key)];
  }
  return false;
}

function renderUnknown(path: Path, known: readonly string[]): string {
  const advice = findRetirement(path) ?? findForeignMcpKey(path);
  if (advice) return advice;
  const nearest = suggest(String(path.at(-1)), known);
  return nearest
    ? `is not a known key; did you mean ${quote(nearest)}?`
    : `is not a known key; known here: ${known.join(", ")}`;
}

function makeProblem(issue: Issue, source: SourceTree): Problem {
  const path = (issue.path ?? []).map((item) => item.key as string | number);
  const isKeyProblem = issue.path?.at(-1)?.origin === "key";
  const offset = isKeyProblem ? source.keyOffsetOf(path) : source.offsetOf(path);
  const common = { offset, path: renderPath(path) };
  if (!isKeyProblem) return { ...common, message: renderWrongValue(issue, path) };
  if (issue.type === "strict_object") return { ...common, message: "is missing", isMissing: true };
  return { ...common, message: issue.message };
}

const wantedByType: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  strict_object: "an object",
  record: "an object",
};

function renderWrongValue(issue: Issue, path: Path): string {
  // Of an object, what it lacks is said already
  const current =
    issue.kind === "validation" && typeof issue.input === "object" ? "" : showCurrent(issue.input, path);
  if (issue.type === "picklist") {
    const choices = issue.expected?.replaceAll(" | ", " or ").replace(/^\((.*)\)$/, "$1");
    return `must be ${choices}${current}`;
  }
  if (issue.kind === "schema" && issue.type !== "union")
    return `must be ${wantedByType[issue.type] ?? issue.expected}${current}`;
  return saysWhatMust(issue) ? `${issue.message}${current}` : issue.message;
}

/** The current value, but never one of env, where a literal may be a secret, and no key that was pasted for its file's name. */
function showCurrent(input: unknown, path: Path): string {
  const isEnv = path[0] === "bottles" && (path[2] === "env" || (path[2] === "services" && path[4] === "env"));
  if (isEnv || (typeof input === "string" && input.includes("-----BEGIN"))) return `, not ${nameType(input)}`;
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
