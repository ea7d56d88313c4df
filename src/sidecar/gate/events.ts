/** The gate's one way to speak: JSON lines on stdout. Nothing secret is ever handed to it. */
import type { GateEvent, GateEventBody } from "../../protocol/gate-events.ts";
import { withVersion } from "../../protocol/gate.ts";
import { writeSync } from "node:fs";
import { makeCounts } from "./counts.ts";
import type { Counts } from "./counts.ts";
import { describeFailure } from "./failure.ts";

export type Emit = (event: GateEventBody) => void;

const mebibyte = 1024 * 1024;
/**
 * What an agent can cause faster than anybody reads it, with the bytes that may wait in front of it: beyond these it is counted and not
 * kept. Everything else answers the launcher and is never left out. What becomes of secrets is told at a rate of its own, and no noise about anything else may keep it out.
 */
const maxWaitingBytes: Readonly<Record<string, number>> = {
  attempt: mebibyte,
  closed: mebibyte,
  api: mebibyte,
  secret: 2 * mebibyte,
  finding: 2 * mebibyte,
  counts: mebibyte,
};

let dropped = 0;
let counts: Counts | undefined;

/** Writes an event, or counts it where too much waits already. */
export const emit: Emit = (event) => {
  if (!hasRoom(event)) dropped += 1;
  else {
    if (dropped > 0) process.stdout.write(render({ event: "dropped", count: dropped }));
    dropped = 0;
    process.stdout.write(render(event));
  }
  counts?.note(event);
};

/** From now on the log says again and again how much there is in it. Before this nothing that is counted may have been told. */
export function beginCounts(): void {
  counts = makeCounts((event) => {
    if (!hasRoom(event)) return false;
    process.stdout.write(render(event));
    return true;
  });
  counts.tell();
}

function hasRoom({ event }: GateEventBody): boolean {
  return process.stdout.writableLength <= (maxWaitingBytes[event] ?? Infinity);
}

/** Reports why the gate cannot go on and ends it at once: with the process go all its listeners and tunnels. */
export function fail(error: unknown): never {
  try {
    // An unfinished line may be in front of it
    const separator = process.stdout.writableLength > 0 ? "\n" : "";
    writeSync(1, separator + render({ event: "fatal", message: describeFailure(error) }));
  } catch {
    // Nobody listens any more; ending is all that is left
  }
  process.exit(1);
}

function render(body: GateEventBody): string {
  const event = { ...body, time: new Date().toISOString() } as GateEvent;
  return `${JSON.stringify(withVersion(event))}\n`;
}
