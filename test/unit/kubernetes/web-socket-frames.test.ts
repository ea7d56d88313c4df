import { describe, expect, test } from "bun:test";
import { encodeFrame, FrameError, FrameReader } from "../../../src/kubernetes/web-socket-frames.ts";
import type { IncomingFrame } from "../../../src/kubernetes/web-socket-frames.ts";
import { renderServerFrame } from "../../support/web-socket.ts";

/** What comes of bytes that arrive in these pieces, with the pieces of a message put together. */
function readAll(bytes: Uint8Array, size: number): unknown[] {
  const reader = new FrameReader();
  const frames: IncomingFrame[] = [];
  for (let at = 0; at < bytes.length; at += size) frames.push(...reader.read(bytes.subarray(at, at + size)));
  const seen: { kind: string; text: string; firsts: number; isLast: boolean }[] = [];
  for (const frame of frames) {
    const text = Buffer.from(frame.data).toString("latin1");
    if (frame.kind !== "message") {
      seen.push({ kind: frame.kind, text, firsts: 0, isLast: true });
      continue;
    }
    const open = seen.findLast(({ kind, isLast }) => kind === "message" && !isLast);
    if (open && !frame.isFirst) {
      open.text += text;
      open.isLast = frame.isLast;
    } else seen.push({ kind: "message", text, firsts: Number(frame.isFirst), isLast: frame.isLast });
  }
  return seen;
}

describe("FrameReader", () => {
  const long = "x".repeat(300);
  const bytes = Buffer.concat([
    renderServerFrame(2, "\u0001hello"),
    renderServerFrame(9, "are you there"),
    renderServerFrame(2, ""),
    renderServerFrame(2, "\u0002be", { isLast: false }),
    renderServerFrame(10, ""),
    renderServerFrame(0, "gin", { isLast: false }),
    renderServerFrame(0, ""),
    renderServerFrame(2, `\u0001${long}`),
    renderServerFrame(8, "\u0003\u00e8"),
  ]);
  const expected = [
    { kind: "message", text: "\u0001hello", firsts: 1, isLast: true },
    { kind: "ping", text: "are you there", firsts: 0, isLast: true },
    { kind: "message", text: "", firsts: 1, isLast: true },
    { kind: "message", text: "\u0002begin", firsts: 1, isLast: true },
    { kind: "pong", text: "", firsts: 0, isLast: true },
    { kind: "message", text: `\u0001${long}`, firsts: 1, isLast: true },
    { kind: "close", text: "\u0003\u00e8", firsts: 0, isLast: true },
  ];

  test.each([1, 2, 3, 5, 7, 64, 10_000])("reads the same from pieces of %d bytes", (size) => {
    expect(readAll(bytes, size)).toEqual(expected);
  });

  test("hands on what has come of a long message, before its end is there", () => {
    const reader = new FrameReader();
    const whole = renderServerFrame(2, "\u0001abcdef");
    const [frame] = reader.read(whole.subarray(0, 5));
    expect(frame).toMatchObject({ isFirst: true, isLast: false });
    expect(Buffer.from(frame?.data ?? []).toString()).toBe("\u0001ab");
  });

  test("reads a length of eight bytes", () => {
    const data = Buffer.alloc(70_000, 7);
    const frames = new FrameReader().read(renderServerFrame(2, data));
    expect(frames.map((frame) => frame.data.length)).toEqual([70_000]);
  });

  test.each([
    ["a masked frame", Buffer.of(0x82, 0x81, 0, 0, 0, 0, 1)],
    ["reserved bits", Buffer.of(0xc2, 0)],
    ["a kind that there is not", Buffer.of(0x83, 0)],
    ["another such kind", Buffer.of(0x8b, 0)],
    ["a cut control frame", Buffer.of(0x09, 0)],
    ["a long control frame", Buffer.of(0x89, 126, 0, 126)],
    ["a continuation of nothing", Buffer.of(0x80, 0)],
    ["a message inside another", Buffer.concat([Buffer.of(0x02, 0), Buffer.of(0x82, 0)])],
  ])("refuses %s", (_name, wrong) => {
    expect(() => new FrameReader().read(wrong)).toThrow(FrameError);
  });
});

describe("encodeFrame()", () => {
  test.each([0, 1, 125, 126, 65_535, 65_536])("masks %d bytes, and says how many there are", (length) => {
    const data = Buffer.alloc(length, "abc");
    const mask = Buffer.of(1, 2, 3, 4);
    const frame = Buffer.from(encodeFrame("binary", data, mask));
    const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    expect(frame[0]).toBe(0x82);
    expect((frame[1] ?? 0) & 0x80).toBe(0x80);
    expect(frame.subarray(head, head + 4)).toEqual(mask);
    const payload = frame.subarray(head + 4).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    expect(Buffer.from(payload).equals(data)).toBe(true);
    if (length >= 126)
      expect(length < 65_536 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2))).toBe(length);
  });
});
