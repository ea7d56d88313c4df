/** What the next run wants to know of this one: which files had failures, and how long each took. */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { TestResult } from "./result.ts";

export interface TestRecord {
  /** Tier → its files with failures */
  readonly failed: Readonly<Record<string, readonly string[]>>;
  /** File → seconds */
  readonly seconds: Readonly<Record<string, number>>;
}

const none: TestRecord = { failed: {}, seconds: {} };

/** An empty one where there is none, or none that can be read. */
export async function readRecord(path: string): Promise<TestRecord> {
  try {
    return { ...none, ...(JSON.parse(await readFile(path, "utf8")) as Partial<TestRecord>) };
  } catch {
    return none;
  }
}

export async function writeRecord(path: string, record: TestRecord): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, JSON.stringify(record));
  await rename(`${path}.${process.pid}`, path);
}

/** A file that was run is known again; one that was not keeps what was known of it. */
export function updateRecord(
  before: TestRecord,
  finished: ReadonlyMap<string, number>,
  results: readonly TestResult[],
): TestRecord {
  const failed: Record<string, readonly string[]> = {};
  const failures = results.filter((one) => one.verdict === "failed");
  for (const tier of new Set([...Object.keys(before.failed), ...failures.map((one) => one.tier)])) {
    const kept = (before.failed[tier] ?? []).filter((file) => !finished.has(file));
    const found = failures.filter((one) => one.tier === tier).map((one) => one.file);
    const files = [...new Set([...kept, ...found])].toSorted();
    if (files.length > 0) failed[tier] = files;
  }
  return { failed, seconds: { ...before.seconds, ...Object.fromEntries(finished) } };
}
