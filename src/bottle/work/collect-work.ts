/**
 * Runs the collector, over the folders of the work, which it can only read. A part of its own and not the agent's, started again: nothing the
 * agent wrote outside the folders is there, the agent's network need not be, and the same works beside a running agent and after a crash of
 * the platform.
 */
import { keepStdout } from "../../core/byte-stream.ts";
import { BottleError } from "../../core/error.ts";
import type { ErrorCode } from "../../core/error.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
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
import type { Part } from "../platform/part.ts";
import type { Running } from "../platform/running.ts";
import type { Collected, Collector, StoredWork, WorkStorage } from "../platform/work-storage.ts";
import { NoWork } from "../work.ts";
import type { CollectWork, WorkSink } from "../work.ts";
import { collectInside } from "./collect-inside.ts";
import type { InsideLimits } from "./collect-inside.ts";
import { readSections } from "./collect-sections.ts";
import { collectTranscript, isTranscriptAlone } from "./collect-transcript.ts";
import { collectorSpec } from "./collector-spec.ts";

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

/** Where work is kept, and the bottle that may still run over it. */
export interface WorkPlace extends Pick<Running, "findParts"> {
  readonly work: WorkStorage;
}

/** Collects and hands everything to `sink`. The collector is gone afterwards, however it went. */
export async function collectWork(
  place: WorkPlace,
  request: CollectWork,
  sink: WorkSink,
  limits?: InsideLimits,
): Promise<void> {
  // What is removed afterwards is not read from within, where an agent may say that there is nothing
  const isInside = request.task !== "bring-back" || request.goesOn === true;
  const parts = isInside || request.saves ? await place.findParts(request.session) : {};
  const agent = parts.agent?.isRunning ? parts.agent : undefined;
  if (agent && request.saves) await saveWorktrees(agent);
  let outcome: Collected;
  // There are two folders to lose, so it comes to an end
  do {
    const stored = await place.work.find(request.session);
    if (!stored) throw nothingKept(request.session);
    const from = { stored, agent: isInside ? agent : undefined, limits };
    outcome = await collectFrom(place, from, request, sink);
  } while (outcome === "gone");
}

interface CollectedFrom {
  readonly stored: StoredWork;
  /** Asked first, if there is one */
  readonly agent: Part | undefined;
  readonly limits: InsideLimits | undefined;
}

async function collectFrom(
  place: WorkPlace,
  { stored, agent, limits }: CollectedFrom,
  request: CollectWork,
  sink: WorkSink,
): Promise<Collected> {
  const asked = makeCollectRequest(request, stored.bottleName);
  if (agent && (await collectInside(agent, asked, sink, limits))) {
    await sink.taken?.();
    return "done";
  }
  const { unlocks: mayWrite = false } = request;
  // The one that stands by can only read, and is made for a workspace
  const mayClaim = request.hasWorkspace && !mayWrite;
  const use = { spec: collectorSpec, mayWrite, mayClaim, taken: sink.taken };
  if (isTranscriptAlone(request) && (await place.work.isAtRest(request.session))) {
    const outcome = await stored.useCollector(use, (collector) => collectTranscript(collector, sink));
    if (outcome !== "too-long") return outcome;
  }
  return stored.useCollector(use, async (collector) => {
    if (!(await collector.isWhole)) return "gone";
    await runCollector(collector, asked, sink);
    return "done";
  });
}

async function runCollector(collector: Collector, request: CollectRequest, sink: WorkSink): Promise<void> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // Its output ends with it, and whoever made it removes it anyway
    void collector.remove().catch(() => undefined);
  }, wholeMs);
  const stream = await collector.attach({ hasTerminal: false });
  try {
    const { exit } = await collector.openWait();
    await collector.start();
    const complaints: string[] = [];
    const output = keepStdout(stream.output, (data) => {
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

function makeCollectRequest(request: CollectWork, bottleName: string): CollectRequest {
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
    title: `bottle ${bottleName}, session ${session}`,
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
