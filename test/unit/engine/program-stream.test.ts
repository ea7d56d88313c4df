import { describe, expect, test } from "bun:test";
import type { ByteSink, ByteStream, OutputSinks } from "../../../src/core/byte-stream.ts";
import { makeProgramStream } from "../../../src/engine/program-stream.ts";
import { renderFrame } from "../../support/fake-daemon.ts";

/** What the engine sends, piece by piece; notes when its reader leaves. */
function makeFake(pieces: readonly Uint8Array[]) {
  const left = [...pieces];
  const seen = { isLeft: false };
  const output: AsyncIterableIterator<Uint8Array> = {
    async next() {
      const value = left.shift();
      return value === undefined ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      seen.isLeft = true;
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => output,
  };
  const forward = async (sink: ByteSink) => {
    for (const piece of left.splice(0)) await sink(piece);
  };
  return { seen, stream: { output, forward } as Partial<ByteStream> as ByteStream };
}

function makeSinks() {
  const text: string[] = [];
  const note = (name: string) => (piece: Uint8Array) => void text.push(`${name}: ${Buffer.from(piece)}`);
  const sinks: OutputSinks = { output: note("out"), errorOutput: note("err") };
  return { text, sinks };
}

describe("makeProgramStream()", () => {
  const both = Buffer.concat([
    renderFrame("stdout", "a"),
    renderFrame("stderr", "b"),
    renderFrame("stdout", "c"),
  ]);

  test("hands on first what came in one piece with what was read, and then what comes", async () => {
    const stream = makeProgramStream(makeFake([both, renderFrame("stderr", "d")]).stream, false);
    const first = await stream.output.next();
    expect(Buffer.from(first.value?.data ?? []).toString()).toBe("a");
    const { text, sinks } = makeSinks();
    await stream.forward(sinks);
    expect(text).toEqual(["err: b", "out: c", "err: d"]);
  });

  test("takes nothing apart with a terminal, where all is stdout", async () => {
    const stream = makeProgramStream(makeFake([both, Buffer.from("x")]).stream, true);
    expect((await stream.output.next()).value).toEqual({ stream: "stdout", data: both });
    const { text, sinks } = makeSinks();
    await stream.forward(sinks);
    expect(text).toEqual(["out: x"]);
  });

  test("closes the connection when its reader leaves early", async () => {
    const fake = makeFake([both]);
    for await (const frame of makeProgramStream(fake.stream, false).output) {
      expect(frame.stream).toBe("stdout");
      break;
    }
    expect(fake.seen.isLeft).toBe(true);
  });
});
