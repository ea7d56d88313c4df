/** A session of ours and `docker exec` into a container of the same image, both with a shell at the other end. */
import { workspaceFolder } from "../../../src/bottle/agent/bottle-paths.ts";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { runCommand } from "./world.ts";
import type { BenchWorld } from "./world.ts";

export interface Side {
  readonly name: string;
  /** A command whose program reads shell commands, for a terminal and for pipes */
  readonly terminal: readonly string[];
  readonly pipe: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Ours, then docker's. The container is gone when `use` has ended. */
export async function withSides<T>(
  world: BenchWorld,
  runtime: RuntimeChoice,
  use: (sides: readonly [Side, Side]) => Promise<T>,
): Promise<T> {
  await world.choose(runtime);
  const start = [world.binary, "start", "bench", "--yes"];
  const exec = ["docker", "exec", "--interactive"];
  return withContainer(world, runtime, (name) =>
    use([
      { name: "ours", terminal: start, pipe: start, env: world.env, cwd: world.home },
      {
        name: "docker exec",
        terminal: [...exec, "--tty", name, "sh"],
        pipe: [...exec, name, "sh"],
        env: process.env,
        cwd: world.home,
      },
    ]),
  );
}

/** A container of the bottles' image that does nothing, with its workspace on a volume as a bottle has it. Both are gone when `use` has ended. */
export async function withContainer<T>(
  world: BenchWorld,
  runtime: RuntimeChoice,
  use: (name: string) => Promise<T>,
): Promise<T> {
  const name = `claude-bottle-bench-${crypto.randomUUID().slice(0, 8)}`;
  const options = ["--detach", "--init", "--runtime", runtime, "--network", "none", "--name", name];
  const idle = ["--volume", workspaceFolder, "--entrypoint", "sleep", world.image, "3600"];
  await runCommand(["docker", "run", ...options, ...idle]);
  try {
    return await use(name);
  } finally {
    await runCommand(["docker", "rm", "--force", "--volumes", name]);
  }
}
