/** Runs test files in a copy of the checkout until one fails. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { watchCommand } from "../test/watch-command.ts";
import type { Copy } from "./copy.ts";

export interface TestRun {
  /** Undefined if all passed. A batch that was ended because it hung has the name of its last file, as far as it is known */
  readonly failed: string | undefined;
  /** A test took longer than it may, or nothing was heard for too long: by the change, or by what else the machine does */
  readonly wasLate: boolean;
}

export interface TestLimits {
  /** Of a single test */
  readonly testMs: number;
  /** How long a process may be silent */
  readonly idleMs: number;
}

/** What keeps `bun test` from telling each file, or has it tell in another way; and tests without an engine know of none */
const notForTests = new Set(["CLAUDECODE", "AGENT", "REPL_ID", "GITHUB_ACTIONS", "FORCE_COLOR"]);
const forEngine = /^(?:DOCKER_|CLAUDE_BOTTLE_)/;

const header = /^(test\/\S+\.test\.ts):$/;
const lateTest = /timed out after \d+ ?ms/;
const aloneMark = /^\/\/ Runs alone: /m;

/** Those that may run beside the work of others on one engine: only these are asked. */
export async function keepShared(root: string, files: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), "utf8")));
  return files.filter((_, index) => !aloneMark.test(texts[index] ?? ""));
}

export async function runTestFiles(
  { root, temporary }: Copy,
  files: readonly string[],
  { testMs, idleMs }: TestLimits,
  hasEngine: boolean,
  signal: AbortSignal,
): Promise<TestRun> {
  const env = Object.entries(process.env).filter(
    ([name]) => !notForTests.has(name) && (hasEngine || !forEngine.test(name)),
  );
  let file = files[0];
  let isLate = false;
  const { exitCode, wasIdle } = await watchCommand({
    words: [process.execPath, "test", "--bail=1", `--timeout=${testMs}`, ...files.map((one) => `./${one}`)],
    cwd: root,
    env: { ...Object.fromEntries(env), TMPDIR: temporary },
    idleMs,
    signal,
    onLine: (line) => {
      const text = stripVTControlCharacters(line);
      file = header.exec(text)?.[1] ?? file;
      isLate ||= lateTest.test(text);
    },
  });
  return { failed: exitCode === 0 ? undefined : file, wasLate: wasIdle || isLate };
}
