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

export interface Listener {
  take(line: string): void;
  /** At its end, with what it has left behind; returns the files that it has not come to */
  finish(end: CommandEnd, left: readonly string[]): readonly string[];
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

export function listenTo({ tier, reader, run, watcher, idleMs }: Listening): Listener {
  let shown: string[] = [];
  let last: TestResult | undefined;
  let begun: { readonly file: string; readonly at: number } | undefined;

  function endFile(): void {
    if (begun) watcher.onFileEnd(tier, begun.file, (performance.now() - begun.at) / 1_000);
  }

  function takeResult(result: TestResult, line: string): void {
    run.add(result);
    if (result.verdict === "failed") watcher.onText(result.file, [...shown, line]);
    shown = [];
    last = result;
    if (result.file !== begun?.file) watcher.onFileEnd(tier, result.file, result.ms / 1_000);
  }

  /** What no single test is to blame for */
  function fail(file: string, what: string): void {
    takeResult({ tier, file, name: `(${what})`, verdict: "failed", ms: 0 }, `${file}: ${what}`);
  }

  /** Its own count is right, and what is wrong beside it comes on top */
  function finishWhole({ exitCode }: CommandEnd, left: readonly string[]): void {
    const counts = reader.summary() ?? run.counts();
    const before = run.counts().failed;
    const file = begun?.file ?? "";
    if (exitCode !== 0 && counts.failed === 0) fail(file, `ended with exit code ${exitCode}`);
    if (exitCode === 0 && left.length > 0) fail(file, `left in the temporary folder: ${left.join(", ")}`);
    run.settle({ ...counts, failed: counts.failed + run.counts().failed - before });
  }

  function finishEarly({ exitCode, wasIdle }: CommandEnd): readonly string[] {
    const what = wasIdle
      ? `hung: nothing was heard of it for ${Math.round(idleMs / 6_000) / 10} minutes`
      : `ended with exit code ${exitCode} before its tests were through`;
    for (const file of reader.current()) fail(file, last ? `${what}, after "${last.name}"` : what);
    if (begun) return reader.untouched();
    // A command that does not come to its first file will not come to another
    for (const file of reader.untouched()) fail(file, "not run");
    return [];
  }

  return {
    take(line) {
      const said = reader.read(line);
      if (said.kind === "file") {
        endFile();
        begun = { file: said.file, at: performance.now() };
        watcher.onFile(tier, said.file);
        shown = [];
        last = undefined;
      } else if (said.kind === "result") {
        const { kind: _, ...result } = said;
        takeResult({ tier, ...result }, line);
      } else if (said.kind === "note" || (last?.verdict === "failed" && /^ +\^ this test/.test(line)))
        watcher.onText(last?.file ?? begun?.file ?? "", [line]);
      else shown = [...shown.slice(1 - maxShownLines), line];
    },
    finish(end, left) {
      const isWhole = reader.isWhole() && !end.wasIdle;
      const rest = isWhole ? [] : finishEarly(end);
      if (isWhole) finishWhole(end, left);
      endFile();
      return rest;
    },
  };
}
