import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { Writable } from "node:stream";
import { filterOutput } from "../../../../src/host/terminal-filter/filtered-output.ts";

/** A stream that takes what it is given only when told to */
function aStream(isTTY: boolean) {
  const chunks: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const stream = Object.assign(
    new Writable({
      highWaterMark: 8,
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk);
        waiting.push(done);
      },
    }),
    { isTTY },
  ) as unknown as NodeJS.WriteStream;
  return {
    stream,
    text: () => Buffer.concat(chunks).toString(),
    flow: () => waiting.splice(0).forEach((done) => done()),
  };
}

const rules = { allowsClipboard: false, allowsTitle: true };
const query = "a\u001b]52;c;?\u0007b";

describe("filterOutput()", () => {
  test("filters what leads to a terminal", () => {
    const { stream, text } = aStream(true);
    filterOutput(stream, rules).stream.write(query);
    expect(text()).toBe("ab");
  });

  test("leaves what leads to a file or a pipe as it is", () => {
    const { stream, text } = aStream(false);
    const output = filterOutput(stream, rules);
    output.stream.write(query);
    expect(output.stream).toBe(stream);
    expect(text()).toBe(query);
  });

  test("says when the terminal has no room, and when it has some again", async () => {
    const { stream, flow } = aStream(true);
    const output = filterOutput(stream, rules).stream;
    expect(output.write("short")).toBe(true);
    expect(output.write("longer than the mark")).toBe(false);
    const drained = once(output, "drain");
    flow();
    flow();
    await drained;
    expect([stream.listenerCount("drain"), stream.listenerCount("error")]).toEqual([0, 0]);
  });

  test("listens once, however much is written by those who do not wait", () => {
    const { stream } = aStream(true);
    const output = filterOutput(stream, rules).stream;
    for (let count = 0; count < 20; count += 1) output.write("longer than the mark");
    expect([stream.listenerCount("drain"), stream.listenerCount("error")]).toEqual([1, 1]);
  });

  test("tells whoever waits for room that the terminal is gone", async () => {
    const { stream } = aStream(true);
    const output = filterOutput(stream, rules).stream;
    expect(output.write("longer than the mark")).toBe(false);
    const drained = once(output, "drain");
    stream.destroy(new Error("hung up"));
    expect(await drained.catch((error: Error) => error.message)).toBe("hung up");
  });
});
