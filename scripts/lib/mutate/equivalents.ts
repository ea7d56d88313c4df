/** Changes that change nothing, and why: test/equivalent-mutants.jsonc. */
import { parse } from "jsonc-parser";
import type { ParseError } from "jsonc-parser";
import type { Change } from "./change.ts";

export const equivalentsPath = "test/equivalent-mutants.jsonc";

/** `original` and `changed` are the lines that the change touches, as `scripts/mutate` prints them in its results. */
export interface Equivalent extends Pick<Change, "file" | "original" | "changed"> {
  readonly reason: string;
}

/** Throws for text that is not a list of such entries, or names one twice. */
export function parseEquivalents(text: string): Equivalent[] {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  if (errors.length > 0 || !Array.isArray(value) || !value.every(isEquivalent))
    throw new Error(
      `Cannot read ${equivalentsPath}: entries have file, original, changed and reason, and no other key`,
    );
  const twice = value.find((one, index) => value.findIndex((other) => keyOf(other) === keyOf(one)) < index);
  if (twice) throw new Error(`Cannot read ${equivalentsPath}: it names ${keyOf(twice)} twice`);
  return value;
}

/** Those that are none of the changes any more. */
export function findStale(entries: readonly Equivalent[], changes: readonly Change[]): Equivalent[] {
  const drawn = new Set(changes.map(keyOf));
  return entries.filter((entry) => !drawn.has(keyOf(entry)));
}

export function isAmong(entries: readonly Equivalent[], change: Change): boolean {
  return entries.some((entry) => keyOf(entry) === keyOf(change));
}

function keyOf({ file, original, changed }: Pick<Change, "file" | "original" | "changed">): string {
  return JSON.stringify([file, original, changed]);
}

const keys = ["changed", "file", "original", "reason"];

function isEquivalent(value: unknown): value is Equivalent {
  if (value === null || typeof value !== "object") return false;
  return (
    Object.keys(value).toSorted().join() === keys.join() &&
    Object.values(value).every((one) => typeof one === "string" && one !== "")
  );
}
