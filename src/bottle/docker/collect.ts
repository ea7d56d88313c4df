/**
 * Runs the collector: a container from the bottle's own image with the bottle's runtime and hardening, without a network, over the
 * work's volumes, which it can only read. A container of its own and not the agent's, started again: nothing the agent wrote outside
 * the volumes is there, the agent's network need not be, and the same works beside a running agent and after a crash of the engine.
 */
import { randomUUID } from "node:crypto";
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import {
  attachContainer,
  createContainer,
  killAndRemoveContainer,
  openWait,
  startContainer,
} from "../../engine/containers.ts";
import type { ContainerConfig } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { demultiplex } from "../../engine/frames.ts";
import type { Frame } from "../../engine/frames.ts";
import type { CollectRequest } from "../../sidecar/collect/protocol.ts";
import { gateCommand, renderCollectInput } from "../../sidecar/programs.ts";
import { NoWork } from "../work.ts";
import type { CollectWork, WorkSink } from "../work.ts";
import { agentUid, beforeGitFolder, transcriptFolder, workspaceFolder } from "./bottle-paths.ts";
import { readSections } from "./collect-sections.ts";
import { collectTranscript, isTranscriptAlone } from "./collect-transcript.ts";
import { makeHardening } from "./hardening.ts";
import { labelKeys, labelSchema, renderOwner } from "./labels.ts";
import type { LabelContext } from "./labels.ts";
import { findWork, mountFoundWork } from "./work-volumes.ts";
import type { FoundWork } from "./work-volumes.ts";

const mebibyte = 1024 * 1024;
/** By SIGTERM and by SIGKILL, as by an engine that is shut down; by the memory limit too */
const endedBySignal: ReadonlySet<number> = new Set([143, 137]);
/** A work tree of some gigabytes, hashed and packed in a sandbox on a slow disk */
const wholeMs = 30 * 60_000;

const collectLimits: CollectRequest["limits"] = {
  bundleBytes: 4 * 1024 * mebibyte,
  patchBytes: 1024 * mebibyte,
  transcriptBytes: 256 * mebibyte,
  commandMs: 10 * 60_000,
};

/** Collects and hands everything to `sink`. The container is gone afterwards, however it went. */
export async function collectWork(
  engine: Engine,
  request: CollectWork,
  sink: WorkSink,
  context: LabelContext,
): Promise<void> {
  const work = await findWork(engine, request.session);
  if (!work) throw nothingKept(request.session);
  const config = makeCollectorConfig(work, request.session, context);
  const isDone =
    (await isTranscriptAlone(engine, request)) && (await collectTranscript(engine, work.stem, config, sink));
  if (!isDone) await runCollector(engine, work, request, sink, config);
}

async function runCollector(
  engine: Engine,
  work: FoundWork,
  request: CollectWork,
  sink: WorkSink,
  config: ContainerConfig,
): Promise<void> {
  const name = `${work.stem}-collect-${randomUUID().slice(0, 8)}`;
  const timer = setTimeout(() => void killAndRemoveContainer(engine, name).catch(() => undefined), wholeMs);
  try {
    await createContainer(engine, name, config);
    const [stream, { exit }] = await Promise.all([
      attachContainer(engine, name, { stdin: true, stdout: true, stderr: true }),
      openWait(engine, name),
    ]);
    await startContainer(engine, name);
    const complaints: string[] = [];
    const output = keepStdout(demultiplex(stream.output), complaints);
    // Read while it is written: the collector may answer before it has taken everything
    const written = stream.write(renderCollectInput(makeCollectRequest(request, work)));
    written.catch(() => undefined);
    const isWhole = await readSections(output, sink, collectLimits).finally(() => stream.destroy());
    if (!isWhole) throw cutShort(await exit.catch(() => undefined), complaints);
  } finally {
    clearTimeout(timer);
    await killAndRemoveContainer(engine, name);
  }
}

function makeCollectRequest(request: CollectWork, work: FoundWork): CollectRequest {
  const { task, session, hasWorkspace, hasTranscript, repositories } = request;
  const isFolder = hasWorkspace && !repositories.some((one) => one.path === "");
  return {
    task,
    title: `bottle ${work.stem.replace(/^claude-bottle-/, "")}, session ${session}`,
    workspace: hasWorkspace ? workspaceFolder : null,
    before: isFolder ? beforeGitFolder : null,
    transcripts: hasTranscript ? transcriptFolder : null,
    repositories,
    limits: collectLimits,
  };
}

function makeCollectorConfig(work: FoundWork, session: string, context: LabelContext): ContainerConfig {
  return {
    Image: work.image,
    Entrypoint: [],
    Cmd: gateCommand,
    User: `${agentUid}:${agentUid}`,
    WorkingDir: "/",
    Labels: {
      ...context.extra,
      [labelKeys.schema]: labelSchema,
      [labelKeys.version]: context.version,
      [labelKeys.session]: session,
      [labelKeys.role]: "collector",
      [labelKeys.owner]: renderOwner(context.owner),
    },
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: {
      ...makeHardening({ memoryBytes: 2048 * mebibyte, pids: 256 }),
      ...(work.runtime === undefined ? {} : { Runtime: work.runtime }),
      ...mountFoundWork(work),
      NetworkMode: "none",
      LogConfig: { Type: "none", Config: {} },
      OomScoreAdj: 500,
    },
  };
}

async function* keepStdout(frames: AsyncIterable<Frame>, complaints: string[]): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) {
    if (frame.stream === "stdout") yield frame.data;
    else if (complaints.length < 20) complaints.push(Buffer.from(frame.data).toString("utf8").slice(0, 500));
  }
}

function nothingKept(session: string): BottleError {
  return new NoWork({
    code: "input",
    message: `Cannot collect the work of session ${quote(session)}: this engine keeps none of it`,
    hint: 'See "claude-bottle sessions" for what was brought back, and check DOCKER_HOST.',
  });
}

function cutShort(exitCode: number | undefined, complaints: readonly string[]): BottleError {
  const isLost = exitCode === undefined;
  const state = isLost ? "the engine was lost" : `the collector ended with exit code ${exitCode}`;
  return new BottleError({
    code: isLost ? "engine-unreachable" : endedBySignal.has(exitCode) ? "aborted" : "session",
    message: `Cannot collect the work: ${state}`,
    details: complaints.join("").split("\n").filter(Boolean).slice(-6).map(escapeForTerminal),
    hint: "It is kept; try again with the command below.",
  });
}
