/** A single change of a source file, and how it is told. */
import { createHash } from "node:crypto";

export interface Change {
  /** Path in the checkout, with `/` */
  readonly file: string;
  /** What kind of change it is, in Stryker's names */
  readonly mutator: string;
  /** Offset of the text that goes, and the one after it */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** Counted from 1 */
  readonly line: number;
  /** The lines that it touches, before and after, with each run of white space as one space */
  readonly original: string;
  readonly changed: string;
  /** Stays the same while the touched lines do, wherever in the file they stand */
  readonly id: string;
}

/** Operators that hold their operands less firmly than the one that they stand for */
const loose = new Set(["LogicalOperator", "ConditionalExpression"]);

/** The change of `text` that puts the replacement in place of the offsets. `nth` tells apart what looks the same in one file. */
export function describeChange(
  text: string,
  {
    file,
    mutator,
    start,
    end,
    replacement,
  }: Pick<Change, "file" | "mutator" | "start" | "end" | "replacement">,
  nth: (looks: string) => number,
): Change {
  const isOperator = loose.has(mutator) && /&&|\|\||\?\?/.test(replacement);
  const put = isOperator ? `(${replacement})` : replacement;
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const newline = text.indexOf("\n", end);
  const to = newline < 0 ? text.length : newline;
  const original = onOneLine(text.slice(from, to));
  const changed = onOneLine(text.slice(from, start) + put + text.slice(end, to));
  const looks = JSON.stringify([file, original, changed]);
  const id = createHash("sha256")
    .update(`${looks}${nth(looks)}`)
    .digest("hex")
    .slice(0, 16);
  const line = text.slice(0, start).split("\n").length;
  return { file, mutator, start, end, replacement: put, line, original, changed, id };
}

export function applyChange(text: string, { start, end, replacement }: Change): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** The first `count` by an order that the seed alone decides, so that a change elsewhere does not move them. */
export function sampleChanges(changes: readonly Change[], count: number, seed: number): Change[] {
  const rank = ({ id }: Change) => createHash("sha256").update(`${seed} ${id}`).digest("hex");
  const ranked = changes.map((change) => ({ change, rank: rank(change) }));
  return ranked
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1))
    .slice(0, count)
    .map(({ change }) => change);
}

/** As `file:line`, the kind, and what stood there and what stands there now. */
export function tellChange({ file, line, mutator, original, changed }: Change): string {
  const { at, length } = findDifference(original, changed);
  return `${file}:${line} ${mutator}\n- ${excerpt(original, at, length)}\n+ ${excerpt(changed, at, length)}`;
}

const widest = 160;

function excerpt(text: string, at: number, length: number): string {
  if (text.length <= widest) return text;
  const from = Math.max(0, Math.min(at - 40, text.length - widest));
  const to = Math.min(text.length, from + Math.max(widest, Math.min(length, widest)));
  return `${from > 0 ? "…" : ""}${text.slice(from, to)}${to < text.length ? "…" : ""}`;
}

function findDifference(one: string, other: string): { readonly at: number; readonly length: number } {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return { at, length: Math.max(one.length, other.length) - at };
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
