/** Where a trial takes place: a home, a repository, a relay in front of the engine, a terminal; all of it gone afterwards. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Engine } from "../../../src/engine/engine.ts";
import { beginTestRun } from "../../../test/support/engine-gate.ts";
import type { TestRun } from "../../../test/support/engine-gate.ts";
import type { RuntimeChoice } from "../../../test/support/runtime-choice.ts";
import { makeSessionWorld } from "../../../test/support/scripted-session.ts";
import type { SessionWorld } from "../../../test/support/scripted-session.ts";
import { git } from "../../../test/support/git.ts";
import type { PrivateEngine } from "./daemon.ts";
import { startRelay } from "./relay.ts";
import type { Relay } from "./relay.ts";
import { noteContainers } from "./remains.ts";
import type { Scene } from "./remains.ts";
import { openShell } from "./shell.ts";
import type { Shell } from "./shell.ts";

export interface StageContext {
  readonly engine: Engine;
  /** Path of its socket */
  readonly socket: string;
  readonly runtime: RuntimeChoice;
  /** Program and its first words */
  readonly program: readonly string[];
  /** Agent image with a script in claude's place */
  readonly image: string;
  /** Undefined for the filter that is built in */
  readonly pipelockImage: string | undefined;
  /** For faults of the daemon */
  readonly daemon: PrivateEngine | undefined;
}

export interface Stage {
  readonly world: SessionWorld;
  readonly relay: Relay;
  readonly scene: Scene;
  readonly shell: Shell;
  /** Another command of the program, in the same home */
  runNext(...words: readonly string[]): Promise<void>;
}

/** `script` is what runs in claude's place. */
export async function withStage<T>(
  context: StageContext,
  script: string,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { engine, image, runtime } = context;
  const run = beginTestRun(engine);
  const world = await makeSessionWorld(run, image, runtime);
  try {
    return await play(context, run, world, script, work);
  } finally {
    // A blow may have come just as the session was over
    await context.daemon?.settled();
    await run.end();
    await world.remove();
  }
}

async function play<T>(
  context: StageContext,
  run: TestRun,
  world: SessionWorld,
  script: string,
  work: (stage: Stage) => Promise<T>,
): Promise<T> {
  const { engine, program } = context;
  const folder = join(dirname(world.home), "notes");
  const follow = new AbortController();
  await Promise.all([mkdir(folder), makeRepository(world.workspace)]);
  const relay = await startRelay(join(dirname(world.home), "engine.sock"), context.socket);
  const env = makeEnvironment(world, relay, context);
  const [[key = "", value = ""] = []] = Object.entries(run.labels);
  const containers = new Set<string>();
  await noteContainers(engine, `${key}=${value}`, containers, follow.signal);
  const words = ["start", "hello", "--cwd", "--yes", "--", "-c", script];
  const shell = openShell([...program, ...words], { folder, cwd: world.workspace, env });
  try {
    const scene = { engine, label: `${key}=${value}`, home: world.home, shellPid: shell.pid, containers };
    return await work({ world, relay, scene, shell, runNext });
  } finally {
    follow.abort();
    await shell.end();
    relay.close();
  }

  async function runNext(...next: readonly string[]): Promise<void> {
    const child = Bun.spawn([...program, ...next], {
      cwd: world.workspace,
      env,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    await child.exited;
  }
}

function makeEnvironment(
  world: SessionWorld,
  relay: Relay,
  { pipelockImage }: StageContext,
): Readonly<Record<string, string>> {
  return {
    ...world.env,
    DOCKER_HOST: `unix://${relay.path}`,
    ...(pipelockImage === undefined
      ? {}
      : { CLAUDE_BOTTLE_EGRESS: "pipelock", CLAUDE_BOTTLE_PIPELOCK_IMAGE: pipelockImage }),
  };
}

async function makeRepository(folder: string): Promise<void> {
  await writeFile(join(folder, "a.txt"), "a\n");
  await git(folder, "init", "--quiet");
  await git(folder, "add", "--all");
  await git(folder, "commit", "--quiet", "--message", "First");
}
