/**
 * Runs the collector: a container from the bottle's own image with the bottle's runtime and hardening, without a network, over the
 * work's volumes, which it can only read. A container of its own and not the agent's, started again: nothing the agent wrote outside
 * the volumes is there, the agent's network need not be, and the same works beside a running agent and after a crash of the engine.
 */
import { keepStdout } from "../../core/byte-stream.ts";
import { BottleError } from "../../core/error.ts";
import type { ErrorCode } from "../../core/error.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import {
  attachContainer,
  killAndRemoveContainer,
  openWait,
  startContainer,
} from "../../engine/containers.ts";
import { EngineError } from "../../engine/engine-error.ts";
import type { Engine } from "../../engine/engine.ts";
import { demultiplex } from "../../engine/frames.ts";
import type { CollectRequest } from "../../protocol/collect.ts";
import { renderCollectInput } from "../../sidecar/programs.ts";
import {
  beforeGitFolder,
  beganPath,
  savedFolder,
  transcriptFolder,
  wentInFolder,
  workspaceFolder,
} from "../agent/bottle-paths.ts";
import { saveWorktrees } from "../agent/save-worktrees.ts";
import { NoWork } from "../work.ts";
import type { CollectWork, WorkSink } from "../work.ts";
import { readSections } from "../work/collect-sections.ts";
import { collectInside } from "./collect-inside.ts";
import { collectTranscript, isTranscriptAlone } from "./collect-transcript.ts";
import { makeCollectorConfig } from "./collector-config.ts";
import { useCollector } from "./collector.ts";
import type { Collected } from "./collector.ts";
import { bottleNameOf, makeSessionLabels } from "./labels.ts";
import type { LabelContext } from "./labels.ts";
import { findParts } from "./find-parts.ts";
import { findWork } from "./work-volumes.ts";
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
  broughtBytes: 4 * 1024 * mebibyte,
  commandMs: 10 * 60_000,
  totalBytes: 16 * 1024 * mebibyte,
};

/** Collects and hands everything to `sink`. The container is gone afterwards, however it went. */
export async function collectWork(
  engine: Engine,
  request: CollectWork,
  sink: WorkSink,
  context: LabelContext,
): Promise<void> {
  if (request.saves) {
    const { agent } = await findParts(engine, request.session);
    if (agent?.isRunning) await saveWorktrees(agent);
  }
  let outcome: Collected;
  // There are two volumes to lose, so it comes to an end
  do {
    const work = await findWork(engine, request.session);
    if (!work) throw nothingKept(request.session);
    outcome = await collectFrom(engine, work, request, sink, context);
  } while (outcome === "gone");
}

async function collectFrom(
  engine: Engine,
  work: FoundWork,
  request: CollectWork,
  sink: WorkSink,
  context: LabelContext,
): Promise<Collected> {
  const { session } = request;
  const labels = makeSessionLabels(session, "collector", context);
  const { unlocks = false } = request;
  const config = makeCollectorConfig(work, labels, unlocks);
  // The one that stands by can only read, and is made for a workspace
  const mayClaim = request.hasWorkspace && !unlocks;
  const collector = { session, work, config, taken: sink.taken, mayClaim };
  if (await isTranscriptAlone(engine, request)) {
    const outcome = await collectTranscript(engine, collector, sink);
    if (outcome !== "too-long") return outcome;
  }
  const asked = makeCollectRequest(request, work);
  if (request.task !== "bring-back" && (await collectInside(engine, session, asked, sink))) {
    await sink.taken?.();
    return "done";
  }
  return useCollector(engine, collector, async (name, isWhole) => {
    if (!(await isWhole)) return "gone";
    await runCollector(engine, name, asked, sink);
    return "done";
  });
}

async function runCollector(
  engine: Engine,
  name: string,
  request: CollectRequest,
  sink: WorkSink,
): Promise<void> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // Its output ends with it, and whoever made it removes it anyway
    void killAndRemoveContainer(engine, name).catch(() => undefined);
  }, wholeMs);
  const stream = await attachContainer(engine, name, { stdin: true, stdout: true, stderr: true });
  try {
    const { exit } = await openWait(engine, name);
    await startUnlessRunning(engine, name);
    const complaints: string[] = [];
    const output = keepStdout(demultiplex(stream.output), (data) => {
      if (complaints.length < 20) complaints.push(Buffer.from(data).toString("utf8").slice(0, 500));
    });
    // Read while it is written: the collector may answer before it has taken everything
    stream.write(renderCollectInput(request))?.catch(() => undefined);
    if (await readSections(output, sink, request)) return;
    throw isLate ? tooLate(complaints) : cutShort(await exit.catch(() => undefined), complaints);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

/** The one that stood by has been started; then the engine answers with 304. */
async function startUnlessRunning(engine: Engine, name: string): Promise<void> {
  await startContainer(engine, name).catch((error: unknown) => {
    if (!(error instanceof EngineError) || error.status !== 304) throw error;
  });
}

function makeCollectRequest(request: CollectWork, work: FoundWork): CollectRequest {
  const {
    task,
    session,
    hasWorkspace,
    hasTranscript,
    hasWentIn,
    repositories,
    bring = [],
    unlocks = false,
    saves = false,
    hasHistory = false,
    roomBytes = Infinity,
  } = request;
  const isFolder = hasWorkspace && !repositories.some((one) => one.path === "");
  return {
    task,
    title: `bottle ${bottleNameOf(work.stem)}, session ${session}`,
    workspace: hasWorkspace ? workspaceFolder : null,
    before: isFolder ? beforeGitFolder : null,
    wentIn: hasWorkspace ? wentInFolder : null,
    mayLackWentIn: !hasWentIn,
    began: hasWorkspace ? beganPath : null,
    saved: hasWorkspace ? savedFolder : null,
    hasSaved: saves,
    transcripts: hasTranscript ? transcriptFolder : null,
    repositories,
    hasHistory,
    bring,
    mayUnlock: unlocks,
    limits: { ...collectLimits, totalBytes: Math.min(collectLimits.totalBytes, roomBytes) },
  };
}

function nothingKept(session: string): BottleError {
  return new NoWork({
    code: "input",
    message: `Cannot collect the work of session ${quote(session)}: this engine keeps none of it`,
    hint: 'See "claude-bottle sessions" for what was pulled, and check DOCKER_HOST.',
  });
}

function cutShort(exitCode: number | undefined, complaints: readonly string[]): BottleError {
  const isLost = exitCode === undefined;
  const state = isLost ? "the engine was lost" : `the collector ended with exit code ${exitCode}`;
  const code = isLost ? "engine-unreachable" : endedBySignal.has(exitCode) ? "aborted" : "session";
  return notCollected(code, state, complaints);
}

function tooLate(complaints: readonly string[]): BottleError {
  return notCollected("session", `the collector was not done after ${wholeMs / 60_000} minutes`, complaints);
}

function notCollected(code: ErrorCode, state: string, complaints: readonly string[]): BottleError {
  return new BottleError({
    code,
    message: `Cannot collect the work: ${state}`,
    details: complaints.join("").split("\n").filter(Boolean).slice(-6).map(escapeForTerminal),
    hint: "It is kept; try again with the command below.",
  });
}
