/** What one process that runs tests says, counted and handed on. */
import type { Reader } from "./reader.ts";
import type { TestResult } from "./result.ts";
import type { RunTally } from "./tally.ts";
import type { CommandEnd } from "./watch-command.ts";

/** Who looks at a run. */
export interface Watcher {
  onFile(tier: string, file: string): void;
  onFileEnd(tier: string, file: string, seconds: number): void;
  /** Lines for people */
  onText(file: string, lines: readonly string[]): void;
}

interface Listening {
  readonly tier: string;
  readonly reader: Reader;
  readonly run: RunTally;
  readonly watcher: Watcher;
  readonly idleMs: number;
}

/** With a failure everything is shown that came since the test before, up to so many lines */
const maxShownLines = 300;

export class Listener {
  readonly #parts: Listening;
  #shown: string[] = [];
  #last: TestResult | undefined;
  #begun: { readonly file: string; readonly at: number } | undefined;

  constructor(parts: Listening) {
    this.#parts = parts;
  }

  take(line: string): void {
    const { tier, reader, watcher } = this.#parts;
    const said = reader.read(line);
    if (said.kind === "file") {
      this.#endFile();
      this.#begun = { file: said.file, at: performance.now() };
      watcher.onFile(tier, said.file);
      this.#shown = [];
      this.#last = undefined;
    } else if (said.kind === "result") {
      const { kind: _, ...result } = said;
      this.#takeResult({ tier, ...result }, line);
    } else if (said.kind === "note" || (this.#last?.verdict === "failed" && /^ +\^ this test/.test(line)))
      watcher.onText(this.#last?.file ?? this.#begun?.file ?? "", [line]);
    else this.#shown = [...this.#shown.slice(1 - maxShownLines), line];
  }

  /** At its end, with what it has left behind; returns the files that it has not come to. */
  finish(end: CommandEnd, left: readonly string[]): readonly string[] {
    const isWhole = this.#parts.reader.isWhole() && !end.wasIdle;
    const rest = isWhole ? [] : this.#finishEarly(end);
    if (isWhole) this.#finishWhole(end, left);
    this.#endFile();
    return rest;
  }

  /** Its own count is right, and what is wrong beside it comes on top. */
  #finishWhole({ exitCode }: CommandEnd, left: readonly string[]): void {
    const { reader, run } = this.#parts;
    const counts = reader.summary() ?? run.counts();
    const before = run.counts().failed;
    const file = this.#begun?.file ?? "";
    if (exitCode !== 0 && counts.failed === 0) this.#fail(file, `ended with exit code ${exitCode}`);
    if (exitCode === 0 && left.length > 0)
      this.#fail(file, `left in the temporary folder: ${left.join(", ")}`);
    run.settle({ ...counts, failed: counts.failed + run.counts().failed - before });
  }

  #finishEarly({ exitCode, wasIdle }: CommandEnd): readonly string[] {
    const { reader, idleMs } = this.#parts;
    const what = wasIdle
      ? `hung: nothing was heard of it for ${Math.round(idleMs / 6_000) / 10} minutes`
      : `ended with exit code ${exitCode} before its tests were through`;
    const after = this.#last ? `, after "${this.#last.name}"` : "";
    for (const file of reader.current()) this.#fail(file, what + after);
    if (this.#begun) return reader.untouched();
    // A command that does not come to its first file will not come to another
    for (const file of reader.untouched()) this.#fail(file, "not run");
    return [];
  }

  /** What no single test is to blame for. */
  #fail(file: string, what: string): void {
    const { tier } = this.#parts;
    this.#takeResult({ tier, file, name: `(${what})`, verdict: "failed", ms: 0 }, `${file}: ${what}`);
  }

  #takeResult(result: TestResult, line: string): void {
    const { tier, run, watcher } = this.#parts;
    run.add(result);
    if (result.verdict === "failed") watcher.onText(result.file, [...this.#shown, line]);
    this.#shown = [];
    this.#last = result;
    if (result.file !== this.#begun?.file) watcher.onFileEnd(tier, result.file, result.ms / 1_000);
  }

  #endFile(): void {
    const { tier, watcher } = this.#parts;
    if (this.#begun) watcher.onFileEnd(tier, this.#begun.file, (performance.now() - this.#begun.at) / 1_000);
  }
}
