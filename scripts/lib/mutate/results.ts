/** What is known of each change, as lines of JSON that a run adds to: one that was stopped goes on from there. */
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Change } from "./change.ts";
import type { Verdict } from "./try-change.ts";

/** One line. */
export interface Result extends Pick<Change, "id" | "file" | "line" | "mutator" | "original" | "changed"> {
  readonly by: Verdict["by"] | null;
  readonly test?: string;
  readonly isCutShort?: boolean;
  /** Digests of the changed file without the change, and of all tests: what the result holds for */
  readonly source: string;
  readonly tests: string;
  /** Whether an engine was asked where no other noticed it */
  readonly withEngine: boolean;
  /** How long tests were begun for it, where there was no time for all */
  readonly seconds: number;
  /** How many test files were asked at most; all if it is not there */
  readonly near?: number;
}

/** The last result of each change by its id. A line that is not whole, as a stopped run leaves it, is passed over. */
export async function readResults(path: string): Promise<Map<string, Result>> {
  const text = await readFile(path, "utf8").catch(() => "");
  const results = new Map<string, Result>();
  for (const line of text.split("\n")) {
    const result = parseLine(line);
    if (result) results.set(result.id, result);
  }
  return results;
}

export async function addResult(path: string, result: Result): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, `${JSON.stringify(result)}\n`);
}

/** Whether it says the same of these files. A failing test is taken to fail still, however many were added. */
export function isCurrent(
  { by, source, tests, withEngine, isCutShort, seconds, near = Number.POSITIVE_INFINITY }: Result,
  now: Pick<Result, "source" | "tests" | "withEngine" | "seconds" | "near">,
): boolean {
  if (source !== now.source) return false;
  if (by) return true;
  const isThorough =
    (withEngine || !now.withEngine) &&
    (!isCutShort || seconds >= now.seconds) &&
    near >= (now.near ?? Number.POSITIVE_INFINITY);
  return tests === now.tests && isThorough;
}

function parseLine(line: string): Result | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === "object" && "id" in value ? (value as Result) : undefined;
  } catch {
    return undefined;
  }
}
