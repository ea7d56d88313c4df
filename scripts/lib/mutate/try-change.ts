/** Who notices a change: the types, then the nearest tests, then those farther away, then an engine. */
import { join } from "node:path";
import { tryTool } from "../run-tool.ts";
import type { Copy } from "./copy.ts";
import { keepShared, runTestFiles } from "./run-tests.ts";
import type { TestLimits } from "./run-tests.ts";

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
  /** Nearest first; without an engine, and with one */
  readonly tests: readonly string[];
  readonly engineTests: readonly string[];
}

const limits: TestLimits = { testMs: 30_000, idleMs: 60_000 };
const engineLimits: TestLimits = { testMs: 120_000, idleMs: 180_000 };
/** The first batch is the one that mostly notices, so it is small */
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
    if (!(await this.#changed(trial, () => this.#checkTypes()))) return { by: "types" };
    const found = await this.#find(trial, trial.tests, limits, false);
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
      const failed = await this.#changed(trial, () => this.#run(batch, some, hasEngine));
      if (failed === undefined) rest = rest.slice(batch.length);
      else if (await this.#isWitness(trial, failed, some, hasEngine))
        return { by: hasEngine ? "engine" : "tests", test: failed };
      else rest = rest.filter((test) => test !== failed);
    }
    return { by: undefined };
  }

  /** Fails again with the change, and passes without it: a failure by chance or by load notices nothing. */
  async #isWitness(trial: Trial, test: string, some: TestLimits, hasEngine: boolean): Promise<boolean> {
    const again = await this.#changed(trial, () => this.#run([test], some, hasEngine));
    if (again === undefined) return false;
    if (!this.#sound.has(test)) {
      const passes = (await this.#run([test], some, hasEngine)) === undefined;
      (passes ? this.#sound : this.broken).add(test);
    }
    return this.#sound.has(test);
  }

  /** A change that does not bundle is noticed by whoever uses it, so the program is as if it were gone. */
  async #changed<T>({ file, text, isBundled }: Trial, use: () => Promise<T>): Promise<T | undefined> {
    return this.#copy.withText(file, text, isBundled, use);
  }

  async #run(files: readonly string[], some: TestLimits, hasEngine: boolean): Promise<string | undefined> {
    return (await runTestFiles(this.#copy, files, some, hasEngine, this.#signal)).failed;
  }

  async #checkTypes(): Promise<boolean> {
    const tsc = join(this.#copy.root, "node_modules/typescript/bin/tsc");
    const words = [process.execPath, tsc, "--noEmit", "--incremental", "--tsBuildInfoFile", ".types"];
    return (await tryTool(words, { cwd: this.#copy.root })).exitCode === 0;
  }
}
