/**
 * A manifest's text as data with positions. The value is built here and not by a parser's shortcut: keys that appear twice or
 * that JavaScript treats specially are reported and never reach an object.
 */
import { findNodeAtLocation, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Node, ParseError } from "jsonc-parser";
import { quote } from "../core/text.ts";

export interface Problem {
  /** In UTF-16 code units from the start of the text */
  readonly offset: number;
  /** `bottles.dev.env`; empty for the file as a whole */
  readonly path: string;
  readonly message: string;
}

export interface SourceTree {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Offset of the value at a path, or of the nearest thing above it that exists */
  readonly offsetOf: (path: readonly (string | number)[]) => number;
  /** Offset of the key that a path ends in */
  readonly keyOffsetOf: (path: readonly (string | number)[]) => number;
}

const maxDepth = 32;
const smuggledKeys = new Set(["__proto__", "constructor", "prototype"]);

/** Parses JSON with comments and trailing commas. Never throws: what is wrong is in `problems`. */
export function parseSource(text: string): SourceTree {
  const errors: ParseError[] = [];
  const root = isTooDeep(text)
    ? undefined
    : parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const problems: Problem[] = errors
    .slice(0, 5)
    .map((error) => ({ offset: error.offset, path: "", message: describeSyntax(error) }));
  if (isTooDeep(text))
    problems.push({ offset: 0, path: "", message: `is nested deeper than ${maxDepth} levels` });
  else if (!root && problems.length === 0) problems.push({ offset: 0, path: "", message: "is empty" });
  const value = root && problems.length === 0 ? buildValue(root, [], problems) : undefined;
  const find = (path: readonly (string | number)[]) => {
    for (let length = path.length; root && length >= 0; length -= 1) {
      const node = findNodeAtLocation(root, path.slice(0, length));
      if (node) return node;
    }
    return root;
  };
  return {
    value,
    problems,
    offsetOf: (path) => find(path)?.offset ?? 0,
    keyOffsetOf: (path) => {
      const node = find(path);
      return node?.parent?.type === "property" ? node.parent.offset : (node?.offset ?? 0);
    },
  };
}

/** 1-based line and column of an offset. */
export function positionAt(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf("\n");
  return { line: before.split("\n").length, column: offset - lastBreak };
}

/** Turns a path into what people type: `bottles.dev.ssh[0].Port` */
export function renderPath(path: readonly (string | number)[]): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[A-Za-z0-9_$-]+$/.test(part)) return `[${quote(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join("");
}

function buildValue(node: Node, path: readonly (string | number)[], problems: Problem[]): unknown {
  if (node.type === "array")
    return (node.children ?? []).map((child, index) => buildValue(child, [...path, index], problems));
  if (node.type !== "object") return node.value;
  const entries = new Map<string, unknown>();
  for (const property of node.children ?? []) {
    const [keyNode, valueNode] = property.children ?? [];
    const key = String(keyNode?.value);
    const here = [...path, key];
    const offset = keyNode?.offset ?? node.offset;
    if (smuggledKeys.has(key))
      problems.push({ offset, path: renderPath(here), message: "is not a key that can be used" });
    else if (entries.has(key))
      problems.push({ offset, path: renderPath(here), message: "appears twice; keep one" });
    else entries.set(key, valueNode ? buildValue(valueNode, here, problems) : undefined);
  }
  return Object.fromEntries(entries);
}

const syntaxProblems: Readonly<Record<string, string>> = {
  InvalidSymbol: "has a word that is not JSON; strings stand in double quotes",
  InvalidNumberFormat: "has a number that is not JSON",
  PropertyNameExpected: "expects a key in double quotes here",
  ValueExpected: "expects a value here",
  ColonExpected: "expects ':' after the key",
  CommaExpected: "expects ',' before this",
  CloseBraceExpected: "ends before a '{' is closed",
  CloseBracketExpected: "ends before a '[' is closed",
  EndOfFileExpected: "goes on after the end of the manifest",
  InvalidCommentToken: "has a comment that is not closed or not allowed",
  UnexpectedEndOfComment: "ends inside a comment",
  UnexpectedEndOfString: "has a string that is not closed",
  InvalidUnicode: "has a broken \\u escape",
  InvalidEscapeCharacter: "has an escape that JSON does not know",
  InvalidCharacter: "has a character that must be escaped in a string",
};

function describeSyntax(error: ParseError): string {
  const code = printParseErrorCode(error.error);
  return syntaxProblems[code] ?? `is not JSON (${code})`;
}

/** Counted before parsing: the parser recurses, and a bomb of brackets would end the process instead of being reported. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const match of text.matchAll(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[[{]|[\]}]/g)) {
    if (match[0] === "{" || match[0] === "[") depth += 1;
    else if (match[0] === "}" || match[0] === "]") depth -= 1;
    if (depth > maxDepth) return true;
  }
  return false;
}
