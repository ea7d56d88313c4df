/** Runs the compiled binary with pipes and an environment of its own, as a script would. */
import { join } from "node:path";
import { tryTool } from "../../scripts/lib/run-tool.ts";
import type { ToolRun } from "../../scripts/lib/run-tool.ts";

/** `scripts/build.ts` makes it; another one is named by those who build beside others */
export const binaryPath =
  process.env["CLAUDE_BOTTLE_TEST_BINARY"] ?? join(import.meta.dir, "../../dist/claude-bottle");

export type BinaryRun = ToolRun;

/** HOME is the working directory unless it is given; nothing else of the caller's environment goes in. */
export async function runBinary(
  words: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>>; readonly input?: string },
): Promise<BinaryRun> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: options.cwd, ...options.env };
  return tryTool([binaryPath, ...words], { cwd: options.cwd, env, input: options.input });
}
