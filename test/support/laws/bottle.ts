/**
 * The one place where the laws touch what they test. Copying in is done as `start --cwd` does it, into a folder that stands for the
 * container's `/`; bringing back by the collector's own program on that folder, and into the repository as at a session's end.
 */
import type { Bottles as AllBottles } from "../../../src/bottle/bottles.ts";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  beganPath,
  keptFolder,
  savedFolder,
  wentInFolder,
  workspaceFolder,
} from "../../../src/bottle/agent/bottle-paths.ts";
import { readSections } from "../../../src/bottle/work/collect-sections.ts";
import type { CollectWork, WorkSink } from "../../../src/bottle/work.ts";
import { bringBack } from "../../../src/session/end/bring-back.ts";
import type { RepositoryBase } from "../../../src/core/repository-base.ts";
import { streamTar } from "../../../src/archive/tar-stream.ts";
import { readWorkspace } from "../../../src/host/workspace/workspace.ts";
import type { World } from "../../../src/host/world.ts";
import collectProgram from "../../../src/sidecar/bundled/collect.txt" with { type: "text" };
import type { CollectRequest } from "../../../src/protocol/collect.ts";
import { entryProgram, saveWorktreesProgram } from "../../../src/sidecar/programs.ts";
import { ownEnvironment } from "./place.ts";
import { run } from "./run.ts";
import type { Env } from "./run.ts";

/** What went in. */
export interface CopiedIn {
  /** As a program in the bottle would see `/` */
  readonly root: string;
  /** Absolute on this machine, as the others */
  readonly workspace: string;
  /** What programs in the bottle are started with */
  readonly env: Env;
  /** What the plan says of what does not go in as it is */
  readonly notices: readonly string[];
  /** For `collect` alone */
  readonly repositories: readonly RepositoryBase[];
}

export interface CopyOptions {
  /** The user's environment */
  readonly env: Env;
  /** Empty folder for the bottle */
  readonly root: string;
}

export interface BroughtRef {
  /** Relative to the workspace; empty for itself */
  readonly repository: string;
  /** Below `refs/bottles/<session>/`: `heads/main` */
  readonly name: string;
  readonly id: string;
}

export interface Brought {
  readonly refs: readonly BroughtRef[];
  /** In the session's record */
  readonly files: readonly string[];
  readonly problems: readonly string[];
}

/** What the laws are tried on. Both throw where claude-bottle would refuse. */
export interface Bottles {
  copyIn(repository: string, options: CopyOptions): Promise<CopiedIn>;
  /** `session` is a new name each time */
  collect(bottle: CopiedIn, repository: string, session: string, env: Env): Promise<Brought>;
}

const inRoot = (root: string, path: string) => join(root, path);

/** The real thing. */
export const realBottles: Bottles = {
  async copyIn(repository, { env, root }) {
    const home = env["HOME"] ?? "/";
    const workspace = await readWorkspace({ env, home, pid: process.pid, cwd: repository });
    const folder = { path: workspaceFolder.slice(1), kind: "directory", mode: 0o755 } as const;
    const archive = await streamTar(
      [folder],
      [
        { prefix: workspaceFolder.slice(1), files: workspace.entries(), uid: 1000 },
        { prefix: wentInFolder.slice(1), files: workspace.wentIn(), uid: 1000 },
      ],
    );
    await unpack(archive, root);
    const bottle = {
      root,
      workspace: inRoot(root, workspaceFolder),
      env: {
        ...ownEnvironment,
        HOME: inRoot(root, "/home/node"),
        GIT_CONFIG_SYSTEM: inRoot(root, "/etc/gitconfig"),
      },
      notices: workspace.notes ?? [],
      repositories: workspace.repositories,
    };
    await mkdir(inRoot(root, keptFolder), { recursive: true });
    const lists = Object.entries(workspace.userLists ?? {});
    for (const [name, text] of lists)
      await Bun.write(inRoot(root, `/home/node/.config/git/${name}`), Buffer.from(text, "latin1"));
    if (!isRepository(bottle)) await noteBefore(bottle);
    // Times are told in ticks of the clock
    await Bun.sleep(20);
    await Bun.write(inRoot(root, beganPath), "");
    await Bun.sleep(20);
    return bottle;
  },
  async collect(bottle, repository, session, env) {
    const home = env["HOME"] ?? "/";
    const world = { env, home, cwd: repository, pid: process.pid } as World;
    const bottles = {
      collectWork: (request: CollectWork, sink: WorkSink) => collectHere(bottle, request, sink),
    } as AllBottles;
    const work = await bringBack(
      world,
      bottles,
      {
        schema: 1,
        session,
        bottleName: "laws",
        agent: "laws",
        owner: { bootId: "", pid: process.pid, startTime: "" },
        environment: {},
        workspace: { directory: repository, repositories: bottle.repositories },
        hasTranscript: false,
        state: "running",
        startedAt: new Date(0).toISOString(),
      },
      { isOver: true },
    );
    const stem = `refs/bottles/${session}/`;
    const refs = work.refs.map(({ ref, id, repository }) => ({
      repository,
      id,
      // As what the oracle reads of git
      name: Buffer.from(ref.slice(stem.length), "utf8").toString("latin1"),
    }));
    return { refs, files: work.files, problems: work.problems };
  },
};

function isRepository({ repositories }: Pick<CopiedIn, "repositories">): boolean {
  return repositories.some((one) => one.path === "");
}

async function unpack(archive: ReadableStream<Uint8Array>, root: string): Promise<void> {
  const child = Bun.spawn(["tar", "--extract", "--same-permissions", "--no-same-owner"], {
    cwd: root,
    stdin: archive,
    stdout: "ignore",
    stderr: "pipe",
  });
  const [code, complaint] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  if (code !== 0) throw new Error(`tar ended with ${code}: ${complaint.trim()}`);
}

/** By the bottle's own entry program, which then gets nothing to start. */
async function noteBefore({ root, workspace, env }: CopiedIn): Promise<void> {
  const before = inRoot(root, `${keptFolder}/before.git`);
  await run(["sh", "-c", entryProgram], workspace, { ...env, CLAUDE_BOTTLE_BEFORE: before });
}

const mebibyte = 1024 * 1024;
const limits: CollectRequest["limits"] = {
  bundleBytes: 64 * mebibyte,
  patchBytes: 64 * mebibyte,
  transcriptBytes: mebibyte,
  broughtBytes: mebibyte,
  commandMs: 60_000,
  totalBytes: 256 * mebibyte,
};

/** The collector as a program of this machine. Its own folders go below the bottle's, with which they are removed. */
async function collectHere(bottle: CopiedIn, work: CollectWork, sink: WorkSink): Promise<void> {
  const request: CollectRequest = {
    task: work.task,
    title: "laws",
    workspace: bottle.workspace,
    before: isRepository(bottle) ? null : inRoot(bottle.root, `${keptFolder}/before.git`),
    transcripts: null,
    wentIn: inRoot(bottle.root, wentInFolder),
    began: inRoot(bottle.root, beganPath),
    saved: inRoot(bottle.root, savedFolder),
    hasSaved: true,
    bring: [],
    mayUnlock: work.unlocks === true,
    repositories: work.repositories,
    hasHistory: work.hasHistory === true,
    limits,
  };
  await run(["sh", "-c", saveWorktreesProgram], bottle.workspace, bottle.env);
  const area = inRoot(bottle.root, "/tmp");
  await mkdir(area, { recursive: true });
  const program = join(area, "collect.cjs");
  await Bun.write(program, collectProgram.replaceAll(`"/tmp/`, `"${area}/`));
  const child = Bun.spawn([Bun.which("node") ?? process.execPath, program], {
    cwd: "/",
    env: { ...ownEnvironment },
    stdin: Buffer.from(`${JSON.stringify(request)}\n`),
    stdout: "pipe",
    stderr: "pipe",
  });
  const complaint = new Response(child.stderr).text();
  const isWhole = await readSections(child.stdout, sink, request);
  // It takes its folder away at its end, which nobody must be looking at
  const code = await child.exited;
  if (!isWhole) throw new Error(`The collector ended with ${code}: ${(await complaint).trim()}`);
  await sink.taken?.();
}
