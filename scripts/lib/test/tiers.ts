/** The tiers of the tests, and how the files of each are run. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Batch } from "./run-batch.ts";
import { readBunTest, readChecks } from "./reader.ts";

export const tierNames = ["check", "unit", "socket", "binary", "engine", "session"] as const;
export type TierName = (typeof tierNames)[number];

/** Parts of `scripts/check.ts`; its tests are tiers of their own */
const checks: string[] = ["format", "lint", "types", "layers", "circles", "exports"];
/** What a file takes where no run has told yet, in seconds: only how they compare matters */
export const typicalSeconds: Readonly<Record<TierName, number>> = {
  check: 2,
  unit: 0.3,
  socket: 0.5,
  binary: 6,
  engine: 20,
  session: 15,
};

/** Batches that may run beside each other, and those that have to be alone on their machine. */
export interface TierPlan {
  readonly name: TierName;
  readonly shared: readonly Batch[];
  readonly alone: readonly Batch[];
  /** Files that need a program that is not here */
  readonly lacking: readonly { readonly file: string; readonly program: string }[];
}

/** A line of a test file that keeps others from running beside it; after it stands why */
const aloneMark = /^\/\/ Runs alone: ./m;
/** A line of a test file that names programs which not every machine has: where one is missing, the file is skipped */
const needsMark = /^\/\/ Needs: (.+)$/m;

/** All files of a tier, or parts of the checks, in the order in which people would list them. */
export async function listTierFiles(root: string, tier: TierName): Promise<string[]> {
  if (tier === "check") return checks;
  const folder = tier === "engine" ? "{engine,contract}" : tier;
  const files = await Array.fromAsync(new Bun.Glob(`test/${folder}/**/*.test.ts`).scan({ cwd: root }));
  return files.toSorted();
}

export interface PlanOptions {
  readonly root: string;
  /** The limit of a single test */
  readonly limitMs: number;
  /** How many batches run side by side */
  readonly jobs: number;
  /** What a file is expected to take: the longest begin first */
  readonly secondsOf: (file: string) => number;
}

/** How these files of a tier are run. */
export async function planTier(
  tier: TierName,
  files: readonly string[],
  { root, limitMs, jobs, secondsOf }: PlanOptions,
): Promise<TierPlan> {
  const makeBatch = (some: readonly string[]) => ({ ...howTo(tier, limitMs), tier, files: some });
  // Its parts run side by side by themselves
  if (tier === "check")
    return { name: tier, shared: [], alone: files.length > 0 ? [makeBatch(files)] : [], lacking: [] };
  const { usable, lacking, alone } = await readMarks(root, files);
  const byLength = usable.toSorted((a, b) => secondsOf(b) - secondsOf(a));
  const shared = byLength.filter((file) => !alone.has(file));
  // Without an engine most files take less time than a process needs to begin
  const shares = hasEngine(tier) ? shared.map((file) => [file]) : deal(shared, jobs, secondsOf);
  return {
    name: tier,
    shared: shares.map(makeBatch),
    alone: byLength.filter((file) => alone.has(file)).map((file) => makeBatch([file])),
    lacking,
  };
}

/** The files in so many shares that are expected to take about as long as each other. */
function deal(files: readonly string[], count: number, secondsOf: (file: string) => number): string[][] {
  const shares = Array.from({ length: count }, () => ({ files: [] as string[], seconds: 0 }));
  for (const file of files) {
    const least = shares.reduce((one, other) => (other.seconds < one.seconds ? other : one));
    least.files.push(file);
    least.seconds += secondsOf(file);
  }
  return shares.map((share) => share.files).filter((some) => some.length > 0);
}

interface Marks {
  readonly usable: readonly string[];
  readonly lacking: TierPlan["lacking"];
  readonly alone: ReadonlySet<string>;
}

async function readMarks(root: string, files: readonly string[]): Promise<Marks> {
  const lacking: { readonly file: string; readonly program: string }[] = [];
  const alone = new Set<string>();
  for (const file of files) {
    const text = await readFile(join(root, file), "utf8");
    const needs = needsMark.exec(text)?.[1]?.split(", ") ?? [];
    const program = needs.find((name) => Bun.which(name) === null);
    if (program !== undefined) lacking.push({ file, program });
    if (aloneMark.test(text)) alone.add(file);
  }
  return { usable: files.filter((file) => lacking.every((one) => one.file !== file)), lacking, alone };
}

function hasEngine(tier: TierName): boolean {
  return tier === "engine" || tier === "session";
}

function howTo(tier: TierName, limitMs: number): Pick<Batch, "words" | "makeReader" | "clearUp"> {
  if (tier === "check")
    return {
      words: (parts) => [process.execPath, "scripts/check.ts", ...parts],
      makeReader: readChecks,
    };
  // What tests do to a real engine builds up from test to test of a file
  const order = hasEngine(tier) ? [] : ["--randomize"];
  const words = [process.execPath, "test", `--timeout=${limitMs}`, ...order];
  return {
    words: (files) => [...words, ...files.map((file) => `./${file}`)],
    makeReader: readBunTest,
    ...(hasEngine(tier) && {
      clearUp: (id: string) => [process.execPath, "test/support/remove-runs.ts", id],
    }),
  };
}
