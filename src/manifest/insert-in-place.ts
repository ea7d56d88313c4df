/** One more member in an object or a list of a manifest, written as its neighbours are: not a character of anything else changes. */
import { createScanner, findNodeAtLocation, parseTree } from "jsonc-parser";
import type { Node } from "jsonc-parser";
import type { Path } from "./source-tree.ts";

/** The parser's `SyntaxKind.CommaToken`; see `source-tree.ts` */
const comma = 5;

/** Appends `value` to the list at `path`; what is missing on the way is made on one line. */
export function appendInPlace(text: string, path: Path, value: unknown): string {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  if (!tree) return text;
  for (let length = path.length; length >= 0; length -= 1) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node) return insertMember(text, node, renderMember(path.slice(length), value));
  }
  return text;
}

/** `"egress": { "allowlist": ["x"] }`, or the value alone where the list is there */
function renderMember([first, ...others]: Path, value: unknown): string {
  if (first === undefined) return renderValue(value);
  const inner = others.length === 0 ? `[${renderValue(value)}]` : `{ ${renderMember(others, value)} }`;
  return `${JSON.stringify(first)}: ${inner}`;
}

/** On one line, with the spaces of a hand */
function renderValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(renderValue).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${renderValue(one)}`);
  return `{ ${members.join(", ")} }`;
}

function insertMember(text: string, node: Node, member: string): string {
  const last = node.children?.at(-1);
  if (!last) {
    const at = node.offset + 1;
    return `${text.slice(0, at)}${node.type === "object" ? ` ${member} ` : member}${text.slice(at)}`;
  }
  const end = last.offset + last.length;
  // Comments, a trailing comma and space, up to the closing bracket
  const tail = text.slice(end, node.offset + node.length - 1);
  const hasComma = createScanner(tail, true).scan() === comma;
  const kept = tail.trimEnd();
  const isInLines = /\n/.test(text.slice(node.offset, last.offset)) || tail.includes("\n");
  const gap = isInLines ? `${text.includes("\r\n") ? "\r\n" : "\n"}${indentOf(text, last.offset)}` : " ";
  return [
    text.slice(0, end),
    hasComma ? "" : ",",
    kept,
    gap,
    member,
    hasComma ? "," : "",
    text.slice(end + kept.length),
  ].join("");
}

function indentOf(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}
