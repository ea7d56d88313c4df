/**
 * A text in JSON, a manifest's for instance, as data with positions. The value is built here and not by a parser's shortcut: keys that appear twice or
 * that JavaScript treats specially are reported and never reach an object.
 */
import { createScanner, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Node, ParseError } from "jsonc-parser";
import { escapeForTerminal, quote } from "../core/text.ts";

export type Path = readonly (string | number)[];

export interface Problem {
  /** In UTF-16 code units from the start of the text */
  readonly offset: number;
  /** `bottles.dev.env`; empty for the file as a whole */
  readonly path: string;
  readonly message: string;
  /** There is nothing where something must be */
  readonly isMissing?: boolean;
}

/** 1-based, the column in UTF-16 code units */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface SourceTree {
  /** Undefined if the text is no JSON */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Offset of the value at a path, or of the nearest thing above it that exists */
  readonly offsetOf: (path: Path) => number;
  /** Offset of the key that a path ends in */
  readonly keyOffsetOf: (path: Path) => number;
  readonly positionOf: (offset: number) => Position;
}

const maxDepth = 32;
/** The parser goes on after a slip and may report what follows from it as well */
const maxSyntaxProblems = 5;
/** `__proto__`, `constructor`, `toString` … and `prototype`: names that every object seems to have */
const smuggledKeys = new Set([...Object.getOwnPropertyNames(Object.prototype), "prototype"]);

/** Parses JSON with comments and trailing commas. Never throws: what is wrong is in `problems`. */
export function parseSource(text: string): SourceTree {
  const problems: Problem[] = [];
  const root = parseText(text, problems);
  const nodes = new Map<string, Node>();
  const value = root && problems.length === 0 ? buildValue(root, [], { nodes, problems }) : undefined;
  const find = (path: Path): Node | undefined => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = nodes.get(JSON.stringify(path.slice(0, length)));
      if (node) return node;
    }
    return undefined;
  };
  return {
    value,
    problems,
    offsetOf: (path) => find(path)?.offset ?? 0,
    keyOffsetOf: (path) => {
      const node = find(path);
      return node?.parent?.type === "property" ? node.parent.offset : (node?.offset ?? 0);
    },
    positionOf: makePositions(text),
  };
}

/** Turns a path into what people type: `bottles.dev.ssh[0].Port` */
export function renderPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[A-Za-z0-9_$-]+$/.test(part)) return `[${quote(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join("");
}

/** `file:line:column`; `shownPath` is as shown to people. */
export function renderPlace(source: SourceTree, shownPath: string, offset: number): string {
  const { line, column } = source.positionOf(offset);
  return `${escapeForTerminal(shownPath)}:${line}:${column}`;
}

/** Each as its place, its key and what is wrong there, in the order of the places. */
export function renderProblems(
  source: SourceTree,
  shownPath: string,
  problems: readonly Problem[],
): string[] {
  return problems
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ offset, path, message }) => {
      const place = renderPlace(source, shownPath, offset);
      return `${place}  ${path === "" ? "the file" : path} ${message}`;
    });
}

function parseText(text: string, problems: Problem[]): Node | undefined {
  if (isTooDeep(text)) {
    problems.push({ offset: 0, path: "", message: `is nested deeper than ${maxDepth} levels` });
    return undefined;
  }
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false });
  const messages = new Map(errors.map((error) => [error.offset, describeSyntax(error, root)]));
  for (const [offset, message] of [...messages].slice(0, maxSyntaxProblems))
    problems.push({ offset, path: "", message });
  return root;
}

interface Building {
  /** By path as JSON; of keys that appear twice, the first */
  readonly nodes: Map<string, Node>;
  readonly problems: Problem[];
}

function buildValue(node: Node, path: Path, building: Building): unknown {
  building.nodes.set(JSON.stringify(path), node);
  if (node.type === "array")
    return (node.children ?? []).map((child, index) => buildValue(child, [...path, index], building));
  if (node.type !== "object") return node.value;
  const entries = new Map<string, unknown>();
  for (const property of node.children ?? []) {
    const [keyNode, valueNode] = property.children ?? [];
    const key = String(keyNode?.value);
    const here = [...path, key];
    const report = (message: string) =>
      building.problems.push({ offset: keyNode?.offset ?? node.offset, path: renderPath(here), message });
    if (smuggledKeys.has(key)) report("is not a key that can be used");
    else if (entries.has(key)) report("appears twice; keep one");
    else entries.set(key, valueNode ? buildValue(valueNode, here, building) : undefined);
  }
  return Object.fromEntries(entries);
}

const syntaxProblems: Readonly<Record<string, string>> = {
  InvalidSymbol: "has a word that is not JSON; strings need double quotes",
  InvalidNumberFormat: "has a number that is not JSON",
  PropertyNameExpected: "expects a key in double quotes here",
  ValueExpected: "expects a value here",
  ColonExpected: "is missing ':' after the key",
  CommaExpected: "is missing ',' before this",
  CloseBraceExpected: "ends before a '{' is closed",
  CloseBracketExpected: "ends before a '[' is closed",
  EndOfFileExpected: "continues after the end of the manifest",
  InvalidCommentToken: "has a comment that is not closed or not allowed",
  UnexpectedEndOfComment: "ends inside a comment",
  UnexpectedEndOfString: "has a string that is not closed",
  InvalidUnicode: "has a broken \\u escape",
  InvalidEscapeCharacter: "has an escape that JSON does not know",
  InvalidCharacter: "has a character that must be escaped in a string",
};

function describeSyntax(error: ParseError, root: Node | undefined): string {
  const code = printParseErrorCode(error.error);
  if (code === "ValueExpected" && !root) return "is empty";
  return syntaxProblems[code] ?? `is not JSON (${code})`;
}

/** The parser's `SyntaxKind`, a const enum that only its own build may read */
const tokens = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 } as const;
const openerOf = new Map<number, number>([
  [tokens.closeBrace, tokens.openBrace],
  [tokens.closeBracket, tokens.openBracket],
]);

/**
 * Counted before parsing: the parser recurses, and a bomb of brackets would end the process instead of being reported. The tokens
 * are the parser's own, and a closer that does not fit closes nothing, since the parser passes over it too.
 */
function isTooDeep(text: string): boolean {
  const scanner = createScanner(text, true);
  const open: number[] = [];
  for (let token: number = scanner.scan(); token !== tokens.end; token = scanner.scan()) {
    if (token === tokens.openBrace || token === tokens.openBracket) open.push(token);
    else if (openerOf.has(token) && openerOf.get(token) === open.at(-1)) open.pop();
    if (open.length > maxDepth) return true;
  }
  return false;
}

/** Line starts are found once: a manifest full of entries asks for many positions. */
function makePositions(text: string): (offset: number) => Position {
  const starts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
