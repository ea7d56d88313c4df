/** The gate's one way to speak: JSON lines on stdout. Nothing secret is ever handed to it. */
import type { GateEventBody } from "./protocol.ts";

export type Emit = (event: GateEventBody) => void;

export const emit: Emit = (event) => {
  process.stdout.write(`${JSON.stringify({ ...event, time: new Date().toISOString() })}\n`);
};
