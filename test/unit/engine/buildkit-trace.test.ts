import { describe, expect, test } from "bun:test";
import { decodeBuildTrace } from "../../../src/engine/buildkit-trace.ts";

/** A field of a protobuf message: bytes with their length, or a number. */
function field(number: number, value: Buffer | string | number): Buffer {
  if (typeof value === "number") return Buffer.concat([varint(number * 8), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}

const time = field(1, 1_795_000_000_123);
const vertex = (...fields: Buffer[]) => field(1, Buffer.concat([field(1, "sha256:d"), ...fields]));
const begun = vertex(field(3, "[2/3] RUN make"), field(5, time));
const ended = vertex(field(3, "[2/3] RUN make"), field(5, time), field(6, time));
const log = field(
  3,
  Buffer.concat([field(1, "sha256:d"), field(2, time), field(3, 2), field(4, "compiling ü\n")]),
);

describe("decodeBuildTrace()", () => {
  test.each([
    ["a step that begins", begun, ["[2/3] RUN make"]],
    [
      "a step that was found in the cache",
      vertex(field(3, "[1/3] FROM x"), field(4, 1)),
      ["CACHED [1/3] FROM x"],
    ],
    ["nothing for a step that has ended, which was shown before", ended, []],
    ["nothing for a step that has not begun", vertex(field(3, "[3/3] COPY . .")), []],
    ["nothing for a step without a name", vertex(field(5, time)), []],
    ["what a step prints", log, ["compiling ü\n"]],
    [
      "several in order",
      Buffer.concat([begun, field(2, "a status"), log]),
      ["[2/3] RUN make", "compiling ü\n"],
    ],
    ["nothing for an empty message", Buffer.alloc(0), []],
  ])("shows %s", (_name, message, lines) => {
    expect(decodeBuildTrace(message)).toEqual(lines);
  });

  test("passes over fields of every other kind", () => {
    const fixed64 = Buffer.concat([varint(9 * 8 + 1), Buffer.alloc(8, 0xff)]);
    const fixed32 = Buffer.concat([varint(10 * 8 + 5), Buffer.alloc(4, 0xff)]);
    expect(decodeBuildTrace(Buffer.concat([fixed64, fixed32, field(11, 2 ** 40), log]))).toEqual([
      "compiling ü\n",
    ]);
  });

  test("ends quietly wherever a message is cut off", () => {
    const whole = Buffer.concat([begun, log]);
    for (let length = 0; length < whole.length; length += 1) {
      expect(decodeBuildTrace(whole.subarray(0, length)).length).toBeLessThanOrEqual(2);
    }
  });

  test("ends for bytes that are no protobuf at all", () => {
    for (const bytes of [
      Buffer.alloc(64, 0xff),
      Buffer.from("not a message, but words"),
      Buffer.from([0x0b, 1, 2]),
    ]) {
      expect(Array.isArray(decodeBuildTrace(bytes))).toBe(true);
    }
  });
});
