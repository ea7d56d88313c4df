/** Another command of this program, run from a view of it: with the terminal, or with what it says read. */
import type { World } from "./world.ts";

/** A command of ours says a few lines */
const maxText = 16 * 1024;

/** Gives it the terminal, and resolves with its exit code. */
export async function runOnTerminal(world: World, command: readonly string[]): Promise<number> {
  const { env, cwd } = world;
  const child = Bun.spawn([...command], { cwd, env, stdin: "inherit", stdout: "inherit", stderr: "inherit" });
  return child.exited;
}

/** Runs it without a terminal, and gives what it said on both outputs. */
export async function runQuietly(
  world: World,
  command: readonly string[],
): Promise<{ readonly exitCode: number; readonly text: string }> {
  const { env, cwd } = world;
  const child = Bun.spawn([...command], { cwd, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, text: `${stdout}${stderr}`.slice(0, maxText) };
}
