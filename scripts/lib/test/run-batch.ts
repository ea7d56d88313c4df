/** Runs test files by one command, and what it did not come to by another: a file that hangs or crashes costs itself. */
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { tryTool } from "../run-tool.ts";
import { Listener } from "./listen.ts";
import type { Watcher } from "./listen.ts";
import type { Reader } from "./reader.ts";
import type { Tally } from "./tally.ts";
import { watchCommand } from "./watch-command.ts";

/** Files that share a process. */
export interface Batch {
  readonly tier: string;
  readonly files: readonly string[];
  readonly words: (files: readonly string[]) => readonly string[];
  readonly makeReader: (files: readonly string[]) => Reader;
  /** Removes what a process has left that did not end well; it knew itself by this id, as CLAUDE_BOTTLE_TEST_FILE */
  readonly clearUp?: (id: string) => readonly string[];
}

export interface BatchContext {
  /** The working directory */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Each process has a folder below it as its TMPDIR, and has to leave nothing in there */
  readonly temporary: string;
  /** For how long nothing may be heard of a process */
  readonly idleMs: number;
  readonly signal: AbortSignal;
  readonly tally: Tally;
  readonly watcher: Watcher;
}

export async function runBatch(batch: Batch, context: BatchContext): Promise<void> {
  let files = batch.files;
  while (files.length > 0 && !context.signal.aborted) files = await runOnce(batch, files, context);
}

async function runOnce(
  { tier, words, makeReader, clearUp }: Batch,
  files: readonly string[],
  { root, env, temporary, idleMs, signal, tally, watcher }: BatchContext,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(temporary, `${tier}-`));
  // Tests run programs as other users, too
  await chmod(folder, 0o1777);
  const id = crypto.randomUUID().slice(0, 8);
  const listener = new Listener({
    tier,
    reader: makeReader(files),
    run: tally.beginRun(tier),
    watcher,
    idleMs,
  });
  const end = await watchCommand({
    words: words(files),
    cwd: root,
    env: { ...env, TMPDIR: folder, CLAUDE_BOTTLE_TEST_FILE: id },
    idleMs,
    signal,
    onLine: (line) => listener.take(stripVTControlCharacters(line)),
  });
  if (clearUp && end.exitCode !== 0) await tryTool(clearUp(id), { cwd: root });
  const left = await readdir(folder);
  await rm(folder, { recursive: true, force: true });
  return signal.aborted ? [] : listener.finish(end, left);
}
