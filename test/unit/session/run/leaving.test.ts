import { describe, expect, test } from "bun:test";
import type { UserTerminal } from "../../../../src/host/terminal.ts";
import type { World } from "../../../../src/host/world.ts";
import { makeLeaving } from "../../../../src/session/run/leaving.ts";

/** A terminal whose keys the test types, and what became of it, in order. */
function begin(keeps: boolean, hasWayOut = true) {
  const told: string[] = [];
  let type = (_text: string): void => undefined;
  const terminal = {
    isTerminal: true,
    leave: () => void told.push("given back"),
    input: {
      read(take: (piece: Uint8Array) => void) {
        type = (text) => void take(Buffer.from(text));
        return () => void told.push("not read any more");
      },
    },
  } as unknown as UserTerminal;
  const world = {
    stderr: { write: (text: string) => told.push(text.trim()) },
    ...(hasWayOut && { wayOut: { leave: () => void told.push("shell") } }),
  } as unknown as World;
  const leaving = makeLeaving(world, terminal, keeps);
  const taken: string[] = [];
  leaving.terminal.input.read(
    (piece) => void taken.push(Buffer.from(piece).toString()),
    () => undefined,
  );
  return { leaving, told, taken, type: (text: string) => type(text) };
}

const left = [
  "not read any more",
  "given back",
  "session told",
  'Detached; hello-abc is still running. Return with "claude-bottle attach hello-abc".',
  "shell",
];

describe("makeLeaving()", () => {
  test("names the keys, passes all others on, and leaves once", () => {
    const { leaving, told, taken, type } = begin(false);
    type("\u001dd");
    expect(told).toEqual([]);
    leaving.begin("hello-abc", () => void told.push("session told"));
    expect(told.splice(0)).toEqual(["Ctrl-] d detaches; Claude keeps running."]);
    type("ab");
    type("\u001d");
    type("c");
    type("\u001dd");
    type("\u001dd");
    expect(taken.join("")).toBe("ab\u001dc");
    expect(told).toEqual(left);
  });

  test("a closed terminal leaves a session that is kept, once there is one", () => {
    const { leaving, told } = begin(true);
    expect(leaving.onHangup()).toBe(false);
    leaving.begin("hello-abc", () => void told.push("session told"));
    told.splice(0);
    expect([leaving.onHangup(), leaving.onHangup()]).toEqual([true, true]);
    expect(told).toEqual(left);
  });

  test("a closed terminal ends any other", () => {
    const { leaving } = begin(false);
    leaving.begin("hello-abc", () => undefined);
    expect(leaving.onHangup()).toBe(false);
  });

  test("without a way out the keys are the program's", () => {
    const { leaving, told, taken, type } = begin(true, false);
    leaving.begin("hello-abc", () => undefined);
    type("\u001dd");
    expect([taken, told, leaving.onHangup()]).toEqual([["\u001dd"], [], false]);
  });
});
