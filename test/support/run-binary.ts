/** Runs the compiled binary with pipes and an environment of its own, as a script would. */
import { join } from "node:path";

/** `scripts/build.ts` makes it; another one is named by those who build beside others */
export const binaryPath =
  process.env["CLAUDE_BOTTLE_TEST_BINARY"] ?? join(import.meta.dir, "../../dist/claude-bottle");

export interface BinaryRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** HOME is the working directory unless it is given; nothing else of the caller's environment goes in. */
export async function runBinary(
  words: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>>; readonly input?: string },
): Promise<BinaryRun> {
  const child = Bun.spawn([binaryPath, ...words], {
    cwd: options.cwd,
    env: { PATH: process.env["PATH"] ?? "", HOME: options.cwd, ...options.env },
    stdin: options.input === undefined ? "ignore" : Buffer.from(options.input),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}
