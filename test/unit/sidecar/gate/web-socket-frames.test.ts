import { expect, test } from "bun:test";
import { FrameReader } from "../../../../src/sidecar/gate/web-socket-frames.ts";

const mask = Buffer.from([1, 2, 3, 4]);
function frame(text: string, first = 0x81): Buffer {
  const bytes = Buffer.from(text);
  const size =
    bytes.length < 126
      ? Buffer.from([0x80 | bytes.length])
      : bytes.length < 65_536
        ? Buffer.from([0xfe, bytes.length >> 8, bytes.length & 255])
        : Buffer.concat([
            Buffer.from([0xff, 0, 0, 0, 0]),
            Buffer.from(
              [bytes.length >> 24, bytes.length >> 16, bytes.length >> 8, bytes.length].map(
                (one) => one & 255,
              ),
            ),
          ]);
  const masked = bytes.map((byte, at) => byte ^ (mask[at & 3] ?? 0));
  return Buffer.concat([Buffer.from([first]), size, mask, masked]);
}

test("gives what is in frames, in pieces of any size", () => {
  const texts = ["hello", "", "x".repeat(300), "y".repeat(70_000), "end"];
  const bytes = Buffer.concat([...texts.map((text) => frame(text)), frame("", 0x89)]);
  for (const size of [1, 3, 14, 1_000, bytes.length]) {
    const reader = new FrameReader();
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) parts.push(reader.read(bytes.subarray(at, at + size)));
    expect(Buffer.concat(parts).toString() === texts.join("")).toBe(true);
  }
});

test.each([
  ["not masked", Buffer.from([0x81, 5])],
  ["compressed", frame("hello", 0xc1)],
  ["no frames", Buffer.from("GET / HTTP/1.1\r\n")],
])("throws for what is %s", (_what, bytes) => {
  expect(() => new FrameReader().read(bytes)).toThrow(/frame/);
});
