/**
 * The launcher's half of `src/sidecar/entry.sh`: waits for the marker on the agent's output and answers with the environment.
 * The values travel on the attached stdin only.
 */
import { writeFrames } from "../../core/byte-stream.ts";
import type { Frame, OutputSinks, ProgramStream } from "../../core/byte-stream.ts";
import { BottleError } from "../../core/error.ts";
import type { Secret } from "../../core/secret.ts";
import { inSingleQuotes } from "../../core/shell-quote.ts";
import { escapeForTerminal } from "../../core/text.ts";

const marker = Buffer.from("\u001eclaude-bottle ready\u001e", "latin1");
/** In the marker's place where a wall of the bottle is missing; what is wrong follows, up to the end of the line */
const leakMarker = "\u001eclaude-bottle leak\u001e";
/** What may come before the marker: an engine's or a shell's complaint, never more */
const maxEarlyBytes = 64 * 1024;

/** One value of the agent's environment. */
export interface EnvironmentValue {
  readonly name: string;
  readonly value: Secret;
}

/** An attached agent whose entry program is waiting. */
export interface WaitingAgent {
  readonly stream: ProgramStream;
  /** Hands on what comes after the marker, up to the end */
  forward(sinks: OutputSinks): Promise<void>;
}

/** Reads up to the marker. */
export async function awaitMarker(stream: ProgramStream): Promise<WaitingAgent> {
  let seen = Buffer.alloc(0);
  for (;;) {
    // Not by `for await`, which would close the stream after the marker
    const next = await stream.output.next();
    if (next.done) throw entryFailed(seen, "its container ended before it was ready");
    seen = Buffer.concat([seen, next.value.data]);
    const at = seen.indexOf(marker);
    if (at >= 0) return { stream, forward: (sinks) => forwardFrom(seen.subarray(at + marker.length), sinks) };
    if (seen.length > maxEarlyBytes)
      throw entryFailed(seen, "something other than its entry program answers");
  }

  /** `early` came in the same piece as the marker */
  async function forwardFrom(early: Uint8Array, sinks: OutputSinks): Promise<void> {
    const rest: Frame = { stream: "stdout", data: early };
    await writeFrames([rest], sinks);
    await stream.forward(sinks);
  }
}

/** Renders the answer: a decimal length line and that many bytes of `export NAME='value'` lines. */
export function renderEnvironment(values: readonly EnvironmentValue[]): Uint8Array {
  const lines = values.map(({ name, value }) => `export ${name}=${inSingleQuotes(value.reveal())}\n`);
  const body = Buffer.from(lines.join(""), "utf8");
  return Buffer.concat([Buffer.from(`${body.length}\n`), body]);
}

function entryFailed(seen: Buffer, state: string): BottleError {
  const text = seen.toString("utf8");
  const leakAt = text.indexOf(leakMarker);
  if (leakAt >= 0) return notClosed(text.slice(leakAt + leakMarker.length));
  const lines = seen.subarray(0, 2048).toString("utf8").split(/\r?\n/).filter(Boolean);
  return new BottleError({
    code: "session",
    message: `Cannot start the agent: ${state}`,
    details: lines.slice(-8).map(escapeForTerminal),
    hint:
      lines.length === 0
        ? 'Start it again unless it was stopped meanwhile; if it ends again, rebuild the image with "claude-bottle build --no-cache".'
        : 'Rebuild the image with "claude-bottle build --no-cache", or unset CLAUDE_BOTTLE_IMAGE if it is set.',
  });
}

/** One line for each wall that is missing. */
function notClosed(words: string): BottleError {
  const [first = "", ...others] = words
    .split(/\r?\n/)
    .filter(Boolean)
    .map((line) => escapeForTerminal(line).slice(0, 300));
  return new BottleError({
    code: "session",
    message: `Cannot start the agent: the bottle is not closed: ${first}`,
    details: others.slice(0, 8),
    hint: 'Run "claude-bottle verify AGENT" to see every way out, and report this with the versions of engine and kernel.',
  });
}
