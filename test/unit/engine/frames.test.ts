import { describe, expect, test } from "bun:test";
import { demultiplex } from "../../../src/engine/frames.ts";
import { failureOf } from "../../support/failure.ts";
import { renderFrame } from "../../support/fake-daemon.ts";

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Neighbouring payloads of one stream are joined, since how they are cut means nothing. */
async function read(output: AsyncIterable<Uint8Array>): Promise<string[]> {
  const seen: { stream: string; data: Buffer }[] = [];
  for await (const frame of demultiplex(output)) {
    const last = seen.at(-1);
    if (last?.stream === frame.stream) last.data = Buffer.concat([last.data, frame.data]);
    else seen.push({ stream: frame.stream, data: Buffer.from(frame.data) });
  }
  return seen.map(({ stream, data }) => `${stream} ${data}`);
}

const wire = Buffer.concat([
  renderFrame("stdout", "one"),
  renderFrame("stderr", "two\u00fc"),
  renderFrame("stderr", ""),
  renderFrame("stdout", "x".repeat(300)),
]);
const wanted = ["stdout one", "stderr twoü", `stdout ${"x".repeat(300)}`];

describe("demultiplex()", () => {
  test("reads the same frames for every size of chunk", async () => {
    for (let size = 1; size <= wire.length; size += 1)
      expect(await read(chunksOf(wire, size))).toEqual(wanted);
  });

  test("reads the same frames for every single cut", async () => {
    for (let cut = 0; cut <= wire.length; cut += 1) {
      async function* twoParts() {
        yield wire.subarray(0, cut);
        yield wire.subarray(cut);
      }
      expect(await read(twoParts())).toEqual(wanted);
    }
  });

  test("passes the start of a frame on without waiting for its end", async () => {
    const held = Promise.withResolvers<void>();
    async function* slow() {
      yield renderFrame("stdout", "prompt> and more").subarray(0, 8 + 8);
      await held.promise;
    }
    const frames = demultiplex(slow());
    expect(Buffer.from((await frames.next()).value?.data ?? "").toString()).toBe("prompt> ");
    held.resolve();
    expect((await frames.next()).done).toBe(true);
  });

  test.each([
    [0, "stdout"],
    [1, "stdout"],
    [2, "stderr"],
    [3, "stderr"],
  ])("takes stream %d for %s", async (number, stream) => {
    const frame = renderFrame("stdout", "x");
    frame.writeUInt8(number, 0);
    expect(await read(chunksOf(frame, 99))).toEqual([`${stream} x`]);
  });

  test("reads a length that needs all four bytes", async () => {
    const frame = renderFrame("stdout", "begin");
    frame.writeUInt32BE(0xf0000005, 4);
    expect(await read(chunksOf(frame, 99))).toEqual(["stdout begin"]);
  });

  test.each([
    ["a terminal's output", Buffer.from("hello, world")],
    ["a stream number that does not exist", Buffer.from([4, 0, 0, 0, 0, 0, 0, 1, 65])],
    ["a filled reserved byte", Buffer.from([1, 0, 9, 0, 0, 0, 0, 1, 65])],
  ])("does not guess at %s", async (_name, bytes) => {
    const error = await failureOf(read(chunksOf(bytes, 99)));
    expect(error.message).toBe("Cannot read the container's output: the engine sent it without frames");
  });
});
