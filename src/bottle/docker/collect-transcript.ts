/**
 * Claude's record alone, without running anything: the engine reads the volume for a container that is never started. The running
 * collector, which only a workspace needs, takes five to ten times as long (docs/performance.md).
 */
import { settleAll } from "../../core/settle.ts";
import { openArchive } from "../../engine/container-file.ts";
import { listContainers } from "../../engine/containers.ts";
import { isNotFound } from "../../engine/engine-error.ts";
import type { Engine } from "../../engine/engine.ts";
import { transcriptFolder } from "../agent/bottle-paths.ts";
import type { CollectWork, WorkSink } from "../work.ts";
import { useCollector } from "./collector.ts";
import type { Collected, CollectorRequest } from "./collector.ts";
import { labelKeys } from "./labels.ts";

/** A longer record is left to the collector, which sends the newest part of it */
const maxBytes = 32 * 1024 * 1024;

/** True if nobody can write to the record any more, and nothing else is asked for. */
export async function isTranscriptAlone(engine: Engine, request: CollectWork): Promise<boolean> {
  const { task, hasWorkspace, hasTranscript, session } = request;
  if (task !== "bring-back" || hasWorkspace || !hasTranscript) return false;
  // One that can write might race the engine's way to the files
  const agents = await listContainers(engine, [`${labelKeys.session}=${session}`, `${labelKeys.role}=agent`]);
  return agents.every((one) => one.State === "exited" || one.State === "created" || one.State === "dead");
}

/** Hands the record to `sink`, unless it is too long. The container is gone afterwards, however it went. */
export function collectTranscript(
  engine: Engine,
  request: CollectorRequest,
  sink: WorkSink,
): Promise<Collected> {
  return useCollector(engine, request, async (name, isWhole) => {
    const [areThere, archive] = await settleAll([isWhole, readArchive(engine, name)]);
    if (!areThere) return "gone";
    if (archive === "too-long") return "too-long";
    if (archive.length === 0) return "done";
    const root = transcriptFolder.slice(transcriptFolder.lastIndexOf("/") + 1);
    const writer = await sink.begin({ section: "transcript", root });
    try {
      for (const chunk of archive) await writer.write(chunk);
    } finally {
      await writer.end();
    }
    return "done";
  });
}

/** Empty if the agent has removed the folder. */
async function readArchive(engine: Engine, name: string): Promise<Uint8Array[] | "too-long"> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of openArchive(engine, name, transcriptFolder)) {
      bytes += chunk.length;
      if (bytes > maxBytes) return "too-long";
      chunks.push(chunk);
    }
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
  return chunks;
}
