/** Runs the program from its source with an environment of its own: engine tests show what is there now and need no build. */
import { join } from "node:path";
import { tryTool } from "../../scripts/lib/run-tool.ts";
import type { ToolRun } from "../../scripts/lib/run-tool.ts";

const main = join(import.meta.dir, "../../src/main.ts");

/** What runs the program; words follow */
export const sourceCommand: readonly string[] = [process.execPath, main];

export interface SourceOptions {
  readonly cwd: string;
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** The variables that lead to the engine of the tests, and nothing else of the caller's environment. */
export function makeSourceEnvironment(options: Omit<SourceOptions, "input">): Record<string, string> {
  const names = [
    "PATH",
    "DOCKER_HOST",
    "CLAUDE_BOTTLE_BASE_IMAGE",
    "CLAUDE_BOTTLE_PIPELOCK_IMAGE",
    "CLAUDE_BOTTLE_EGRESS",
  ];
  const kept = names.flatMap((name) => (process.env[name] ? [[name, process.env[name] ?? ""]] : []));
  return { ...Object.fromEntries(kept), HOME: options.home, ...options.env };
}

/** Runs it with pipes, as a script would. */
export async function runSource(words: readonly string[], options: SourceOptions): Promise<ToolRun> {
  const { cwd, input } = options;
  return tryTool([...sourceCommand, ...words], { cwd, env: makeSourceEnvironment(options), input });
}
