/** A running bottle that files are copied into and out of by `cp`. */
import { expect } from "bun:test";
import { makeCommand, runCommand } from "./scripted-session.ts";
import type { CommandResult, SessionWorld } from "./scripted-session.ts";

export interface CopyBottle {
  readonly name: string;
  cp(...words: string[]): Promise<CommandResult>;
  /** What a script prints in the bottle; it has to succeed */
  inside(script: string): Promise<string>;
  /** Starts `cp` with its input open, as far as the words say, and does not wait */
  spawn(...words: string[]): Bun.Subprocess<"pipe", "pipe", "pipe">;
  /** Another one in the same world; gives its name */
  startBottle(): Promise<string>;
}

export async function beginCopyBottle(world: SessionWorld): Promise<CopyBottle> {
  const succeed = async (words: readonly string[]) => {
    const { stdout, stderr, exitCode } = await runCommand(world, words);
    expect(exitCode, stderr).toBe(0);
    return stdout;
  };
  const startBottle = async () =>
    (await succeed(["start", "hello", "--detach", "--yes", "--", "-c", "sleep 3600"])).trim();
  const name = await startBottle();
  return {
    name,
    cp: (...words) => runCommand(world, ["cp", ...words]),
    inside: (script) => succeed(["exec", name, "--", "sh", "-c", script]),
    spawn: (...words) =>
      Bun.spawn(makeCommand(world, ["cp", ...words]), {
        cwd: world.workspace,
        env: { ...world.env },
        stdin: "pipe",
        stdout: "pipe",
        stderr: "pipe",
      }),
    startBottle,
  };
}
