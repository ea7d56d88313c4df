/** A session of ours whose claude is a shell, driven as an agent would drive it, and its container for `docker exec`. */
import { labelKeys } from "../../../src/bottle/docker/labels.ts";
import { listContainers } from "../../../src/engine/containers.ts";
import { listVolumes, removeVolume } from "../../../src/engine/volumes.ts";
import { skipPast } from "./streams.ts";
import { firstWords } from "./world.ts";
import type { BenchWorld } from "./world.ts";

const label = "claude-bottle.bench";

export interface WorkSession {
  /** From nothing to claude's first output */
  readonly upSeconds: number;
  /** Name of its container on the engine */
  readonly container: string;
  /** Runs a command in claude's place, which must end well */
  run(command: string): Promise<void>;
  /** Lets claude end, and waits until the command has returned */
  end(): Promise<void>;
  /** For a session that went wrong, with the work that its bottle keeps then; nothing if it has ended */
  drop(): Promise<void>;
}

/** Starts it in a folder, with a copy of that folder by `--cwd`. */
export async function openWorkSession(
  { binary, env, engine }: BenchWorld,
  cwd: string,
  ...options: readonly string[]
): Promise<WorkSession> {
  const run = `${label}=${crypto.randomUUID()}`;
  const start = performance.now();
  const child = Bun.spawn([binary, "start", "bench", "--yes", ...options], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...env, CLAUDE_BOTTLE_LABELS: run },
    cwd,
  });
  const complaint = new Response(child.stderr).text();
  const output = child.stdout[Symbol.asyncIterator]();
  const drop = async () => {
    child.kill("SIGTERM");
    await child.exited;
    for (const { name } of await listVolumes(engine, [run])) await removeVolume(engine, name);
  };
  const waitFor = async (text: string) => {
    await skipPast(output, text).catch(async (error: unknown) => {
      await drop();
      throw new Error(`Cannot go on with a session: ${await complaint}`, { cause: error });
    });
  };
  await waitFor(firstWords);
  const upSeconds = (performance.now() - start) / 1000;
  const [agent] = await listContainers(engine, [run, `${labelKeys.role}=agent`]);
  if (!agent?.Names[0]) throw new Error("Cannot find the bottle's container");
  return {
    upSeconds,
    container: agent.Names[0].slice(1),
    async run(command) {
      child.stdin.write(`${command} && echo all is done || exit 1\n`);
      await child.stdin.flush();
      await waitFor("all is done\n");
    },
    async end() {
      await child.stdin.end();
      // What is not read would hold up the one who writes it
      while (!(await output.next()).done);
      if ((await child.exited) !== 0) throw new Error(`Cannot end a session: ${await complaint}`);
    },
    drop,
  };
}
