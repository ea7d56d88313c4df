/** The gate's one way to speak: JSON lines on stdout. Nothing secret is ever handed to it. */
import { writeSync } from "node:fs";
import { describeFailure } from "./failure.ts";
import type { GateEvent, GateEventBody } from "./protocol.ts";

export type Emit = (event: GateEventBody) => void;

/** An agent can cause events faster than anybody reads them; beyond this they are counted and not kept */
const maxWaitingBytes = 1024 * 1024;
let dropped = 0;
/** What an agent can cause; everything else answers the launcher and is never left out */
const droppable: ReadonlySet<string> = new Set(["attempt", "closed", "api", "secret"]);

export const emit: Emit = (event) => {
  if (process.stdout.writableLength > maxWaitingBytes && droppable.has(event.event)) {
    dropped += 1;
    return;
  }
  if (dropped > 0) process.stdout.write(render({ event: "dropped", count: dropped }));
  dropped = 0;
  process.stdout.write(render(event));
};

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
  return `${JSON.stringify(event)}\n`;
}
