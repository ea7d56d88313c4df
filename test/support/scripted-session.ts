/** A whole session from the command line, in a home folder and a workspace of its own, with a script in claude's place. */
import type { Receipt } from "../../src/protocol/receipt.ts";
import { createHash } from "node:crypto";
import {
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  realpath,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { awaitIdle } from "./await-idle.ts";
import { labelsOf } from "./engine-gate.ts";
import type { TestRun } from "./engine-gate.ts";
import { listLabelled } from "./labelled-objects.ts";
import { chooseRuntime } from "./runtime-choice.ts";
import type { RuntimeChoice } from "./runtime-choice.ts";

const main = join(import.meta.dir, "../../src/main.ts");

export interface SessionWorld {
  readonly home: string;
  readonly workspace: string;
  readonly env: Readonly<Record<string, string>>;
  /** In front of the program, where it is to run in a place of its own */
  readonly prefix?: readonly string[];
  /** A path that a command of an agent would create if it ran on this machine */
  readonly marker: string;
  remove(): Promise<void>;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A home with a manifest and an empty workspace; nothing of the caller's goes in. */
export async function makeSessionWorld(
  run: TestRun,
  image: string,
  runtime: RuntimeChoice,
): Promise<SessionWorld> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "bottle-session-")));
  const remove = async () => {
    await awaitIdle(root);
    await rm(root, { recursive: true, force: true });
  };
  return furnish(root, run, image, runtime).then(
    (world) => ({ ...world, remove }),
    async (error: unknown) => {
      await remove();
      throw error;
    },
  );
}

async function furnish(
  root: string,
  run: TestRun,
  image: string,
  runtime: RuntimeChoice,
): Promise<Omit<SessionWorld, "remove">> {
  const home = join(root, "home");
  const workspace = join(root, "work");
  await Promise.all([mkdir(home), mkdir(workspace)]);
  const manifest = { bottles: { b: {} }, agents: { hello: { bottle: "b", prompt: "" } } };
  await writeFile(join(home, "claude-bottle.json"), JSON.stringify(manifest));
  await chooseRuntime(run.engine, home, runtime);
  return {
    home,
    workspace,
    marker: join(root, "marker"),
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      DOCKER_HOST: process.env["DOCKER_HOST"] ?? "",
      CLAUDE_BOTTLE_EGRESS: "builtin",
      CLAUDE_BOTTLE_IMAGE: image,
      CLAUDE_BOTTLE_OAUTH_TOKEN: "test",
      CLAUDE_BOTTLE_LABELS: labelsOf(run).join(","),
    },
  };
}

/** The program's command line in that world. */
export function makeCommand(world: SessionWorld, words: readonly string[]): string[] {
  return [...(world.prefix ?? []), process.execPath, main, ...words];
}

/** Starts a command of the program and does not wait. */
export function spawnCommand(world: SessionWorld, words: readonly string[]) {
  return Bun.spawn(makeCommand(world, words), {
    cwd: world.workspace,
    env: { ...world.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

export async function runCommand(world: SessionWorld, words: readonly string[]): Promise<CommandResult> {
  const child = spawnCommand(world, words);
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

/** One session on a copy of the workspace. */
export function runSession(world: SessionWorld, script: string, ...flags: string[]): Promise<CommandResult> {
  return runCommand(world, ["start", "hello", "--cwd", "--yes", ...flags, "--", "-c", script]);
}

export async function readReceipts(world: SessionWorld): Promise<Receipt[]> {
  return JSON.parse((await runCommand(world, ["sessions", "--json"])).stdout || "[]") as Receipt[];
}

/** Folder of the one record there is. */
export async function findRecord(world: SessionWorld): Promise<string> {
  const folder = join(world.home, ".local/state/claude-bottle/sessions");
  const [name = ""] = await readdir(folder);
  return join(folder, name);
}

/** Names of what carries the run's labels. */
export function listLeft(engine: Engine, run: TestRun): Promise<string[]> {
  return listLabelled(engine, labelsOf(run));
}

/**
 * Every file below the folder with its mode, owner, time and content, but for what bringing back may add: objects, and refs below
 * `refs/bottles`.
 */
export async function fingerprint(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const path of (await readdir(folder, { recursive: true })).toSorted()) {
    if (/^\.git\/(?:objects|refs\/bottles)(?:\/|$)/.test(path)) continue;
    const status = await lstat(join(folder, path)).catch(() => undefined);
    found[path] = "a name that is no text";
    if (!status) continue;
    const content = status.isSymbolicLink()
      ? await readlink(join(folder, path))
      : status.isFile()
        ? createHash("sha256")
            .update(await readFile(join(folder, path)))
            .digest("hex")
        : "";
    const time = status.isDirectory() ? "" : status.mtimeMs;
    found[path] = [status.mode.toString(8), status.uid, time, content].join(" ");
  }
  return found;
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
