/** Amounts of memory as people write them: `512m`, `4g`, `1.5g`. */
import { must } from "./rule.ts";
import type { Rule } from "./rule.ts";

const units: Readonly<Record<string, number>> = { m: 1024 ** 2, g: 1024 ** 3 };
/** Claude Code itself takes about 300 MB */
const usualSmallest = 256 * 1024 ** 2;
const largestBytes = 1024 ** 4 * 16;

export type MemoryResult =
  | { readonly ok: true; readonly bytes: number }
  | { readonly ok: false; readonly problem: Rule };

/** Reads an amount of at least `smallest` bytes. The unit is `m` or `g`, powers of 1024. */
export function parseMemory(text: string, smallest = usualSmallest): MemoryResult {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)([mg])(?:i?b)?$/i.exec(text);
  if (!match) return { ok: false, problem: must('be an amount such as "4g" or "512m"') };
  const bytes = Math.round(Number(match[1]) * (units[(match[2] ?? "").toLowerCase()] ?? 0));
  if (bytes < smallest) return { ok: false, problem: must(`be at least "${smallest / 1024 ** 2}m"`) };
  if (bytes > largestBytes) return { ok: false, problem: "is more than any machine has" };
  return { ok: true, bytes };
}
