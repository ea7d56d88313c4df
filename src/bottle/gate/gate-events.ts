/** Follows what the gate reports: whether it is ready, and all that it tells until its end. */
import type { Frame } from "../../core/byte-stream.ts";
import { BottleError } from "../../core/error.ts";
import { readJsonLines } from "../../core/json-lines.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { parseGateEvent } from "../../protocol/gate-events.ts";
import type { GateEvent } from "../../protocol/gate-events.ts";
import { GateMemory } from "./gate-memory.ts";

const maxComplaints = 6;

export interface GateWatch {
  /** Resolves when the gate is ready; rejects if it ends or reports a fatal error before */
  readonly ready: Promise<void>;
  /** The CA certificate (PEM) for inspected hosts; rejects as `ready` does */
  readonly authority: Promise<string>;
  /** Resolves when the gate's output ends */
  readonly ended: Promise<void>;
}

/** Starts following at once; never rejects except through `ready`. What is told goes into `memory` and to `listener`. */
export function watchGate(
  frames: AsyncIterable<Frame>,
  memory = new GateMemory(),
  listener: (event: GateEvent) => void = () => undefined,
): GateWatch {
  const ready = Promise.withResolvers<void>();
  const authority = Promise.withResolvers<string>();
  const reject = (error: BottleError) => {
    ready.reject(error);
    authority.reject(error);
  };
  const complaints: string[] = [];
  const noteComplaint = (text: string) => {
    // A session can be long, and the last ones are what an end is explained by
    if (complaints.push(text) > maxComplaints) complaints.shift();
  };
  const follow = async () => {
    for await (const line of readJsonLines(frames)) {
      if (!line.json) noteComplaint(line.text);
      const event = parseGateEvent(line.json);
      if (!event) continue;
      if (event.event === "ready") ready.resolve();
      else if (event.event === "authority") authority.resolve(event.certificate);
      else if (event.event === "fatal") reject(notReady(event.message, []));
      memory.note(event);
      listener(event);
    }
  };
  const ended = follow()
    .catch(() => undefined)
    .finally(() => reject(notReady("it ended before it was ready", complaints)));
  // Nobody may be waiting when the gate ends with its session
  ready.promise.catch(() => undefined);
  authority.promise.catch(() => undefined);
  return {
    ready: ready.promise,
    authority: authority.promise,
    ended,
  };
}

function notReady(state: string, complaints: readonly string[]): BottleError {
  return new BottleError({
    code: "sidecar",
    message: `Cannot start the sidecar: ${escapeForTerminal(state)}`,
    details: complaints.map((line) => escapeForTerminal(line).slice(0, 300)),
    hint: 'Run "claude-bottle build --no-cache" if the image is your own or old; otherwise report this.',
  });
}
