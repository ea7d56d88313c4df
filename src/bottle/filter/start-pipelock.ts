/** Starting pipelock and making sure that it runs what was written. */
import { BottleError } from "../../core/error.ts";
import { readJsonLines } from "../../core/json-lines.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { renderPipelockConfig } from "../../plan/pipelock-config.ts";
import type { BottlePlan } from "../../plan/plan.ts";
import type { Part } from "../platform/part.ts";
import { hashConfig } from "./pipelock-control.ts";

/** Starts the container and holds the hash that pipelock reports at start-up against the bytes that were written. */
export async function startPipelock(pipelock: Part, plan: BottlePlan, version: string): Promise<void> {
  await pipelock.start();
  const wanted = hashConfig(renderPipelockConfig(plan, version));
  const complaints: string[] = [];
  for await (const line of readJsonLines(pipelock.readLogs({ isFollowing: true }))) {
    if (line.json?.["event"] === "startup") {
      if (line.json["config_hash"] === wanted && line.json["mode"] === "strict") return;
      throw notVerified(version, "it runs another configuration than the one that was written", []);
    }
    if (!line.json) complaints.push(line.text);
  }
  throw notVerified(version, "it ended at once", complaints.slice(-6));
}

function notVerified(version: string, state: string, complaints: readonly string[]): BottleError {
  return new BottleError({
    code: "sidecar",
    message: `Cannot start pipelock ${escapeForTerminal(version)}: ${state}`,
    details: complaints.map((line) => escapeForTerminal(line).slice(0, 300)),
    hint: "Unset CLAUDE_BOTTLE_PIPELOCK_IMAGE to use the pinned release, and report this if it is unset.",
  });
}
