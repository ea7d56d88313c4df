/**
 * Claude's record alone, without running anything: the platform reads the folder for a collector that is never started. The running
 * collector, which only a workspace needs, takes five to ten times as long (docs/performance.md).
 */
import { settleAll } from "../../core/settle.ts";
import { transcriptFolder } from "../agent/bottle-paths.ts";
import type { Collected, Collector } from "../platform/work-storage.ts";
import type { CollectWork, WorkSink } from "../work.ts";

/** A longer record is left to the collector, which sends the newest part of it */
const maxBytes = 32 * 1024 * 1024;

/** True if nothing else is asked for. */
export function isTranscriptAlone({ task, hasWorkspace, hasTranscript }: CollectWork): boolean {
  return task === "bring-back" && !hasWorkspace && hasTranscript;
}

/** Hands the record to `sink`, unless it is too long. */
export async function collectTranscript(collector: Collector, sink: WorkSink): Promise<Collected> {
  const [isWhole, archive] = await settleAll([collector.isWhole, readArchive(collector)]);
  if (!isWhole) return "gone";
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
}

/** Empty if the agent has removed the folder. */
async function readArchive(collector: Collector): Promise<Uint8Array[] | "too-long"> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of collector.readFolder(transcriptFolder)) {
    bytes += chunk.length;
    if (bytes > maxBytes) return "too-long";
    chunks.push(chunk);
  }
  return chunks;
}
