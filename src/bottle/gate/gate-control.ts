/** A second client on a running gate's stdin and stdout: one message, and the event with its id. */
import { randomUUID } from "node:crypto";
import { BottleError } from "../../core/error.ts";
import { readJsonLines } from "../../core/json-lines.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { parseGateEvent } from "../../protocol/gate-events.ts";
import type { GateEvent } from "../../protocol/gate-events.ts";
import { findLaterMessage, withVersion } from "../../protocol/gate.ts";
import type { GateLiveMessage } from "../../protocol/gate.ts";
import type { Part } from "../platform/part.ts";

/** Turns of others come first, and each is over within the gate's own limit */
const turnTimeoutMs = 120_000;
/** A gate that does anything at all answers within milliseconds */
const answerTimeoutMs = 10_000;

type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;
type Answer = Extract<GateEvent, { readonly id: string }>;

/** Sends one message and waits for its answer. Throws if the gate refuses it, ends, or stays silent. */
export async function askGate<K extends Answer["event"]>(
  gate: Part,
  message: WithoutId<GateLiveMessage>,
  wanted: K,
  id: string = randomUUID(),
): Promise<Extract<Answer, { event: K }>> {
  const stream = await gate.attach({ hasTerminal: false });
  const timer = setTimeout(
    () => stream.destroy(),
    message.type === "begin" ? turnTimeoutMs : answerTimeoutMs,
  );
  try {
    await stream.write(`${JSON.stringify(withVersion({ ...message, id }))}\n`);
    for await (const { json } of readJsonLines(stream.output)) {
      if (isAnswerTo(id, json) && findLaterMessage(json) !== undefined) throw laterGate();
      const event = parseGateEvent(json);
      if (!event || !("id" in event) || event.id !== id) continue;
      if (event.event === "rejected") throw refused(event.message);
      if (event.event === wanted) return event as Extract<Answer, { event: K }>;
    }
    throw silent();
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

/** Does something while no other process changes the same bottle. */
export async function whileOurTurn<T>(gate: Part, act: () => Promise<T>): Promise<T> {
  const id = randomUUID();
  try {
    await askGate(gate, { type: "begin" }, "begun", id);
    return await act();
  } finally {
    // Also where we gave up waiting for it. If the gate does not hear us, the turn ends by itself
    await askGate(gate, { type: "end" }, "ended", id).catch(() => undefined);
  }
}

function isAnswerTo(id: string, json: unknown): boolean {
  return typeof json === "object" && json !== null && "id" in json && json.id === id;
}

function laterGate(): BottleError {
  return new BottleError({
    code: "sidecar",
    message: "Cannot change the policy: the gate belongs to a later version of claude-bottle",
    hint: "Use that version for this bottle.",
  });
}

function refused(reason: string): BottleError {
  return new BottleError({
    code: "sidecar",
    message: `Cannot change the policy: the gate refuses it: ${escapeForTerminal(String(reason)).slice(0, 300)}`,
    hint: 'Nothing has changed; "claude-bottle egress BOTTLE" shows the changes so far.',
  });
}

function silent(): BottleError {
  return new BottleError({
    code: "sidecar",
    message: "Cannot change the policy: the gate did not answer",
    hint: "If the bottle was started by an older version, start it again with this one.",
  });
}
