/** pipelock's configuration in a running bottle: read back, replaced, and confirmed by the hash that pipelock itself reports. */
import { createHash, randomUUID } from "node:crypto";
import { makeTar } from "../../archive/small-tar.ts";
import { BottleError } from "../../core/error.ts";
import { readJsonLines } from "../../core/json-lines.ts";
import type { OutputLine } from "../../core/json-lines.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { markConfig } from "../../plan/live-config.ts";
import type { Part } from "../platform/part.ts";

/** A volume of its own, root's, in a container whose root is read-only */
export const pipelockConfigFolder = "/etc/pipelock";
export const pipelockConfigName = "pipelock.yaml";
/** Where pipelock is told to look */
export const pipelockConfigPath = `${pipelockConfigFolder}/${pipelockConfigName}`;
/** It takes a reload within some 100 ms and a start within 50 ms; a machine under load takes longer */
const confirmTimeoutMs = 5_000;
/** The wanted hash is new with every rendering, so lines from before do no harm */
const linesBefore = 50;

/**
 * Reads the file that pipelock runs. It is root's in a container whose only program runs as nobody, so neither that program nor
 * the agent can have changed it; the launcher's memory, which is in another process, is not needed.
 */
export async function readPipelockConfig(pipelock: Part): Promise<string> {
  const text = await pipelock.readFile(pipelockConfigPath);
  if (text !== undefined) return text;
  throw new BottleError({
    code: "sidecar",
    message: "Cannot read pipelock's configuration: the engine has no such file",
    hint: "Unset CLAUDE_BOTTLE_PIPELOCK_IMAGE to use the pinned release, and start the bottle again.",
  });
}

/** Starts pipelock again with the configuration it has, and waits until it says so. Its hash is a new one by a new marker. */
export async function restartPipelock(pipelock: Part): Promise<void> {
  const text = markConfig(await readPipelockConfig(pipelock), randomUUID());
  await applyPipelockConfig(pipelock, text, true);
}

/** Replaces the file and waits until pipelock runs it. Throws if it does not; the file is then still the new one. */
export async function applyPipelockConfig(
  pipelock: Part,
  text: string,
  needsRestart: boolean,
): Promise<void> {
  const wanted = hashConfig(text);
  if (needsRestart) {
    await writeWhileStopped(pipelock, text);
    return confirm(pipelock, wanted, ["startup"]);
  }
  const confirmed = confirm(pipelock, wanted, ["config_reload", "startup"]);
  // If the write fails, its error is the news
  confirmed.catch(() => undefined);
  await writeConfig(pipelock, text);
  return confirmed;
}

/** As pipelock reports it of the bytes that it runs. */
export function hashConfig(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Written while it runs, it would be refused as a reload first, and the log would tell of refusals that nobody meets. */
async function writeWhileStopped(pipelock: Part, text: string): Promise<void> {
  await pipelock.stop(0);
  try {
    await writeConfig(pipelock, text);
  } finally {
    await pipelock.start();
  }
}

/**
 * Into a running container, against the general rule: nothing in this one can race it, since its one program may write nowhere.
 * A folder entry would be made again; the file alone leaves the watched folder as it is.
 */
async function writeConfig(pipelock: Part, text: string): Promise<void> {
  await pipelock.putFiles(
    pipelockConfigFolder,
    await makeTar([{ path: pipelockConfigName, mode: 0o444, content: text }]),
  );
}

/** Follows the log until pipelock says that it runs these very bytes, or that it refuses them. */
async function confirm(pipelock: Part, wanted: string, events: readonly string[]): Promise<void> {
  const limit = AbortSignal.timeout(confirmTimeoutMs);
  const log = pipelock.readLogs({ isFollowing: true, tail: linesBefore, signal: limit });
  try {
    for await (const line of readJsonLines(log)) {
      if (!events.includes(String(line.json?.["event"])) || line.json?.["config_hash"] !== wanted) continue;
      if (line.json["event"] !== "startup" || line.json["mode"] === "strict") return;
      throw notConfirmed([`it runs in mode ${String(line.json["mode"])}`]);
    }
  } catch (error) {
    if (error instanceof BottleError || !limit.aborted) throw error;
  }
  throw notConfirmed(await readComplaints(pipelock));
}

/** The last things it complained of: a refused reload is an error event, a failed start is text. */
async function readComplaints(pipelock: Part): Promise<string[]> {
  const lines: string[] = [];
  const log = pipelock.readLogs({ isFollowing: false, tail: linesBefore });
  for await (const line of readJsonLines(log)) {
    if (isComplaint(line)) lines.push(line.text);
  }
  return lines.slice(-3);
}

function isComplaint({ json, text }: OutputLine): boolean {
  if (json) return json["event"] === "config_reload" || /config|reload/.test(String(json["error"] ?? ""));
  return text.trim() !== "";
}

function notConfirmed(complaints: readonly string[]): BottleError {
  return new BottleError({
    code: "sidecar",
    message: "Cannot change the policy: pipelock does not confirm the new configuration",
    details: complaints.map((line) => escapeForTerminal(line).slice(0, 300)),
    hint: "Try again in a moment; unset CLAUDE_BOTTLE_PIPELOCK_IMAGE to use the pinned release if it happens again.",
  });
}
