/** Everything a session test needs around the binary: a home, a project, the API's stand-in, and a look at what is left. */
import type { JournalEntry } from "../../../src/protocol/journal-entry.ts";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settleAll } from "../../../src/core/settle.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { listJournal } from "../../../src/host/journal.ts";
import { awaitIdle } from "../await-idle.ts";
import { beginTestRun, imageForTests } from "../engine-gate.ts";
import type { TestRun } from "../engine-gate.ts";
import { listLabelled } from "../labelled-objects.ts";
import { filterForTests } from "../pipelock-image.ts";
import { binaryPath, runBinary } from "../run-binary.ts";
import type { BinaryRun } from "../run-binary.ts";
import { chooseRuntime } from "../runtime-choice.ts";
import type { RuntimeChoice } from "../runtime-choice.ts";
import { makeTestAuthority } from "../test-authority.ts";
import { startApiContainer } from "./api-container.ts";
import type { ApiContainer } from "./api-container.ts";
import { openPty } from "./pty.ts";
import type { Pty } from "./pty.ts";
import { buildTrustingImage } from "./trusting-image.ts";

/** The real token of these tests; the bottle must never hold it */
export const realToken = "sk-ant-oat01-the-real-token-of-tests";
/** What the stand-in takes for an API key of the same account */
export const realKey = "sk-ant-api03-the-real-token-of-tests";

export interface SessionWorld {
  readonly engine: Engine;
  readonly api: ApiContainer;
  /** What makes the program use this world: its image, its label, the engine */
  readonly environment: Readonly<Record<string, string>>;
  /** A home folder that makes the program choose the runtime, and a project folder with the manifest */
  makeProject(
    runtime: RuntimeChoice,
    manifest: unknown,
    environment?: Readonly<Record<string, string>>,
  ): Promise<Project>;
  /** Names of containers, networks and volumes of the run, but for the stand-in */
  leftovers(): Promise<string[]>;
  end(): Promise<void>;
}

export interface Project {
  readonly folder: string;
  /** HOME and all that makes the program use this world */
  readonly environment: Readonly<Record<string, string>>;
  /** Entries of sessions that may have left something */
  readJournal(): Promise<readonly JournalEntry[]>;
  /** Starts the program and does not wait */
  spawn(words: readonly string[]): Bun.Subprocess<"ignore", "pipe", "pipe">;
  run(words: readonly string[], options?: { readonly input?: string }): Promise<BinaryRun>;
  open(words: readonly string[], size?: { readonly columns: number; readonly rows: number }): Pty;
}

/** Brings it up. `names` are further hosts that the stand-in answers for. */
export async function beginSessionWorld(
  engine: Engine,
  names: readonly string[] = [],
): Promise<SessionWorld> {
  const run = beginTestRun(engine);
  const folder = await mkdtemp(join(tmpdir(), "claude-bottle-session-"));
  try {
    return await makeWorld(engine, { run, folder, names });
  } catch (error) {
    // Nobody gets a world that could be ended
    await run.end();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function makeWorld(
  engine: Engine,
  {
    run,
    folder,
    names,
  }: { readonly run: TestRun; readonly folder: string; readonly names: readonly string[] },
): Promise<SessionWorld> {
  const served = ["api.anthropic.com", ...names];
  const authority = await makeTestAuthority(served);
  const label = Object.entries(run.labels).map(([key, value]) => `${key}=${value}`)[0] ?? "";
  const base = await buildAgentImage(engine, folder);
  const tag = `${run.name("agent")}:run`;
  const [image, api] = await settleAll([
    buildTrustingImage(engine, { base, tag, ca: authority.ca, labels: run.labels }),
    startApiContainer(engine, {
      name: run.name("api"),
      image: await imageForTests(engine),
      label,
      names: served,
      authority,
      token: realToken,
    }),
  ]);
  const env = {
    CLAUDE_BOTTLE_IMAGE: image,
    CLAUDE_BOTTLE_LABELS: label,
    CLAUDE_BOTTLE_OAUTH_TOKEN: realToken,
    ...pickEnvironment(),
    ...(await pickFilter(engine)),
  };
  let projects = 0;
  return {
    engine,
    api,
    environment: env,
    async makeProject(runtime, manifest, further = {}) {
      projects += 1;
      const home = join(folder, `home-${projects}`);
      const project = join(folder, `project-${projects}`);
      await Promise.all([mkdir(home), mkdir(project)]);
      await chooseRuntime(engine, home, runtime);
      await writeFile(join(home, "claude-bottle.json"), JSON.stringify(manifest));
      return makeProject(project, { ...env, HOME: home, ...further });
    },
    leftovers: () => findLeftovers(engine, label, run),
    async end() {
      await api.stop();
      await run.end();
      await awaitIdle(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function makeProject(folder: string, env: Readonly<Record<string, string>>): Project {
  return {
    folder,
    environment: env,
    readJournal: () => listJournal(join(env["HOME"] ?? "", ".local/state/claude-bottle")),
    spawn: (words) =>
      Bun.spawn([binaryPath, ...words], {
        cwd: folder,
        env: { PATH: process.env["PATH"] ?? "", ...env },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      }),
    run: (words, options = {}) => runBinary(words, { cwd: folder, env, ...options }),
    open: (words, { columns, rows } = { columns: 100, rows: 30 }) =>
      openPty([binaryPath, ...words], {
        cwd: folder,
        env: { PATH: process.env["PATH"] ?? "", TERM: "xterm-256color", ...env },
        columns,
        rows,
      }),
  };
}

/** The engine and the filter of this run; nothing else of the caller's environment. */
function pickEnvironment(): Record<string, string> {
  const names = [
    "DOCKER_HOST",
    "CLAUDE_BOTTLE_BASE_IMAGE",
    "CLAUDE_BOTTLE_PIPELOCK_IMAGE",
    "CLAUDE_BOTTLE_EGRESS",
  ];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] ? [[name, process.env[name] ?? ""]] : [])),
  );
}

/** Where neither is chosen, the real one or its stand-in: the program's default would have the engine ask a registry. */
async function pickFilter(engine: Engine): Promise<Record<string, string>> {
  const isChosen = process.env["CLAUDE_BOTTLE_PIPELOCK_IMAGE"] || process.env["CLAUDE_BOTTLE_EGRESS"];
  return isChosen ? {} : { CLAUDE_BOTTLE_PIPELOCK_IMAGE: await filterForTests(engine) };
}

/** The image that the product makes, with the real Claude Code in it. */
async function buildAgentImage(engine: Engine, cwd: string): Promise<string> {
  const env = { ...pickEnvironment(), CLAUDE_BOTTLE_BASE_IMAGE: await imageForTests(engine) };
  const { stdout, stderr, exitCode } = await runBinary(["build"], { cwd, env });
  if (exitCode !== 0) throw new Error(`Cannot build the agent's image: ${stderr}`);
  return stdout.trim();
}

/** The API's stand-in is the test's own. */
async function findLeftovers(engine: Engine, label: string, run: TestRun): Promise<string[]> {
  return (await listLabelled(engine, [label])).filter((name) => name !== run.name("api"));
}
