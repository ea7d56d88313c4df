/**
 * The launcher's half of `src/sidecar/entry.sh`: waits for the marker on the agent's output and answers with the environment.
 * The values travel on the attached stdin only.
 */
import { BottleError } from "../../core/error.ts";
import type { Secret } from "../../core/secret.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { HijackedStream } from "../../engine/engine.ts";

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

/** An attached agent whose entry program is waiting; `rest` yields what comes after the marker. */
export interface WaitingAgent {
  readonly stream: HijackedStream;
  readonly rest: AsyncIterator<Uint8Array>;
  /** Bytes that came in the same packet as the marker */
  readonly early: Uint8Array;
}

/** Reads up to the marker. `decode` takes the multiplexing away when there is no terminal. */
export async function awaitMarker(
  stream: HijackedStream,
  output: AsyncIterable<Uint8Array>,
): Promise<WaitingAgent> {
  const rest = output[Symbol.asyncIterator]();
  let seen = Buffer.alloc(0);
  for (;;) {
    const next = await rest.next();
    if (next.done) throw entryFailed(seen);
    seen = Buffer.concat([seen, next.value]);
    const at = seen.indexOf(marker);
    if (at >= 0) return { stream, rest, early: seen.subarray(at + marker.length) };
    if (seen.length > maxEarlyBytes) throw entryFailed(seen);
  }
}

/** Renders the answer: a decimal length line and that many bytes of `export NAME='value'` lines. */
export function renderEnvironment(values: readonly EnvironmentValue[]): Uint8Array {
  const lines = values.map(({ name, value }) => `export ${name}=${quoteForShell(value.reveal())}\n`);
  const body = Buffer.from(lines.join(""), "utf8");
  return Buffer.concat([Buffer.from(`${body.length}\n`), body]);
}

/** Single quotes take everything literally but the single quote itself. */
function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function entryFailed(seen: Buffer): BottleError {
  const text = seen.toString("utf8");
  const leakAt = text.indexOf(leakMarker);
  if (leakAt >= 0) return notClosed(text.slice(leakAt + leakMarker.length));
  const lines = seen.subarray(0, 2048).toString("utf8").split(/\r?\n/).filter(Boolean);
  return new BottleError({
    code: "session",
    message: "Cannot start the agent: its container ended before it was ready",
    details: lines.slice(-8).map(escapeForTerminal),
    hint: 'Rebuild the image with "claude-bottle build --no-cache", or unset CLAUDE_BOTTLE_IMAGE if it is set.',
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
