/** Who notices a change: the nearest tests, then the types, then tests farther away, then an engine. Whoever is asked first is fast. */
import { join } from "node:path";
import { tryTool } from "../run-tool.ts";
import type { Copy } from "./copy.ts";
import { keepShared, runTestFiles } from "./run-tests.ts";
import type { TestLimits, TestRun } from "./run-tests.ts";

export type Witness = "types" | "tests" | "engine";

export interface Verdict {
  /** Undefined if nothing noticed it */
  readonly by: Witness | undefined;
  /** The file that failed */
  readonly test?: string;
  /** There was no time for all tests that lead to the file */
  readonly isCutShort?: boolean;
}

export interface Trial {
  readonly file: string;
  readonly text: string;
  /** It is embedded as a bundle */
  readonly isBundled: boolean;
  /** Nearest first, all that are to be asked; without an engine, and with one */
  readonly tests: readonly string[];
  readonly engineTests: readonly string[];
}

const limits: TestLimits = { testMs: 30_000, idleMs: 60_000 };
const engineLimits: TestLimits = { testMs: 120_000, idleMs: 180_000 };
/** The twin and the two nearest mostly notice, so they are asked before all others; then comes a small batch */
const nearest = 3;
const batchSizes = [6, 12] as const;
/** They take long, and what the nearest do not notice others seldom do */
const engineFiles = 6;

/** Tries changes one after the other in one copy. */
export class Trials {
  /** Tests that fail without any change; they are no witnesses */
  readonly broken = new Set<string>();
  readonly #sound = new Set<string>();
  readonly #copy: Copy;
  readonly #seconds: number;
  readonly #signal: AbortSignal;

  constructor(copy: Copy, seconds: number, signal: AbortSignal) {
    this.#copy = copy;
    this.#seconds = seconds;
    this.#signal = signal;
  }

  async try(trial: Trial): Promise<Verdict> {
    const near = await this.#find(trial, trial.tests.slice(0, nearest), limits, false);
    if (near.by) return near;
    // Types are looked for in sources alone
    const plain = { ...trial, isBundled: false };
    if (!(await this.#changed(plain, () => this.#checkTypes()))) return { by: "types" };
    const found = await this.#find(trial, trial.tests.slice(nearest), limits, false);
    if (found.by || trial.engineTests.length === 0) return found;
    const shared = await keepShared(this.#copy.root, trial.engineTests);
    const live = await this.#find(trial, shared.slice(0, engineFiles), engineLimits, true);
    return live.by ? live : found;
  }

  async #find(
    trial: Trial,
    tests: readonly string[],
    some: TestLimits,
    hasEngine: boolean,
  ): Promise<Verdict> {
    const end = performance.now() + this.#seconds * 1_000;
    let rest = tests.filter((test) => !this.broken.has(test));
    for (let size: number = batchSizes[0]; rest.length > 0 && !this.#signal.aborted; size = batchSizes[1]) {
      if (!hasEngine && performance.now() > end) return { by: undefined, isCutShort: true };
      const batch = rest.slice(0, hasEngine ? 1 : size);
      const run = await this.#changed(trial, () => this.#run(batch, some, hasEngine));
      const failed = run?.failed;
      if (run === undefined || failed === undefined) rest = rest.slice(batch.length);
      else if (await this.#isWitness(trial, { ...run, failed }, some, hasEngine))
        return { by: hasEngine ? "engine" : "tests", test: failed };
      else rest = rest.filter((test) => test !== failed);
    }
    return { by: undefined };
  }

  /** Passes without the change. What was late has to fail again with it: a failure by chance or by load notices nothing. */
  async #isWitness(
    trial: Trial,
    { failed, wasLate }: TestRun & { readonly failed: string },
    some: TestLimits,
    hasEngine: boolean,
  ): Promise<boolean> {
    const run = () => this.#run([failed], some, hasEngine);
    if (wasLate || hasEngine) {
      const again = await this.#changed(trial, run);
      if (again?.failed === undefined) return false;
    }
    if (!this.#sound.has(failed)) {
      const passes = (await run()).failed === undefined;
      (passes ? this.#sound : this.broken).add(failed);
    }
    return this.#sound.has(failed);
  }

  /** A change that does not bundle is noticed by whoever uses it, so the program is as if it were gone. */
  async #changed<T>({ file, text, isBundled }: Trial, use: () => Promise<T>): Promise<T | undefined> {
    return this.#copy.withText(file, text, isBundled, use);
  }

  #run(files: readonly string[], some: TestLimits, hasEngine: boolean): Promise<TestRun> {
    return runTestFiles(this.#copy, files, some, hasEngine, this.#signal);
  }

  async #checkTypes(): Promise<boolean> {
    const tsc = join(this.#copy.root, "node_modules/typescript/bin/tsc");
    const words = [process.execPath, tsc, "--noEmit", "--incremental", "--tsBuildInfoFile", ".types"];
    return (await tryTool(words, { cwd: this.#copy.root })).exitCode === 0;
  }
}
