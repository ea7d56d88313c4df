import { describe, expect, test } from "bun:test";
import { askGate } from "../../../../src/bottle/gate/gate-control.ts";
import type { Part } from "../../../../src/bottle/platform/part.ts";
import type { Frame, ProgramStream } from "../../../../src/core/byte-stream.ts";
import { findLaterMessage, withVersion } from "../../../../src/protocol/gate.ts";
import { failureOf } from "../../../support/failure.ts";

/** A gate that says these lines after it was asked, and the lines that it was sent. */
function aGate(...said: readonly object[]) {
  const sent: unknown[] = [];
  async function* output(): AsyncGenerator<Frame, undefined> {
    for (const one of said) yield { stream: "stdout", data: Buffer.from(`${JSON.stringify(one)}\n`) };
    return undefined;
  }
  const stream: Partial<ProgramStream> = {
    output: output(),
    write: (data) => void sent.push(JSON.parse(String(data))),
    destroy: () => undefined,
  };
  return { sent, gate: { attach: async () => stream } as unknown as Part };
}

describe("askGate()", () => {
  const time = "2026-01-01T00:00:00.000Z";

  test("sends what gates of the first version take, and takes their answer", async () => {
    const { gate, sent } = aGate({ event: "pong", id: "2", time }, { event: "pong", id: "1", time });
    expect(await askGate(gate, { type: "ping" }, "pong", "1")).toMatchObject({ id: "1" });
    expect(sent).toEqual([{ type: "ping", id: "1" }]);
  });

  test("says so if the gate answers as only a later version can", async () => {
    const { gate } = aGate({ event: "pong", id: "2", version: 2 }, { event: "echo", id: "1", version: 2 });
    const { message } = await failureOf(askGate(gate, { type: "ping" }, "pong", "1"));
    expect(message).toBe("Cannot change the policy: the gate belongs to a later version of claude-bottle");
  });
});

test("messages name their version from 2 on", () => {
  expect(withVersion({ type: "ping" })).toEqual({ type: "ping" });
  expect(withVersion({ type: "ping" }, 2)).toMatchObject({ type: "ping", version: 2 });
  expect([undefined, 1, 2, "2", null].map((version) => findLaterMessage({ version }))).toEqual([
    undefined,
    undefined,
    2,
    undefined,
    undefined,
  ]);
});
