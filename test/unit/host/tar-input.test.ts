import { describe, expect, test } from "bun:test";
import { openTarInput } from "../../../src/host/tar-input.ts";

/** A stream of these pieces, and how many of them were taken. */
function aStream(pieces: readonly Uint8Array[]) {
  let taken = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[taken];
        if (!piece) return controller.close();
        taken += 1;
        controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, taken: () => taken };
}

const packed: Readonly<Record<string, readonly number[]>> = {
  gzip: [0x1f, 0x8b, 8, 0, 0, 0],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0],
  zstd: [0x28, 0xb5, 0x2f, 0xfd, 0, 0],
  bzip2: [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41],
};

async function readWhole(pieces: readonly Uint8Array[]) {
  const input = openTarInput(aStream(pieces).stream);
  const read: number[] = [];
  for await (const piece of input.pieces) read.push(...piece);
  return { isCompressed: input.isCompressed(), read };
}

describe("a tar on stdin", () => {
  test.each(Object.entries(packed))(
    "is known for packed by %s, however it comes in pieces",
    async (_, bytes) => {
      for (const size of [1, 2, 3, 6]) {
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size)
          pieces.push(Uint8Array.from(bytes.slice(at, at + size)));
        expect(await readWhole(pieces)).toEqual({ isCompressed: true, read: [...bytes] });
      }
    },
  );

  test("is not packed if only something later looks so, or the beginning is cut short", async () => {
    for (const bytes of Object.values(packed)) {
      const behind = [Uint8Array.of(0, ...bytes)];
      expect((await readWhole(behind)).isCompressed).toBe(false);
      expect((await readWhole([Uint8Array.from(bytes.slice(0, 1))])).isCompressed).toBe(false);
    }
    expect(await readWhole([])).toEqual({ isCompressed: false, read: [] });
  });

  test.each([
    [0, 0],
    [1, 1],
    [9, 1],
    [10, 1],
    [11, 2],
    [30, 3],
    [99, 3],
  ])("is passed over by %d bytes in whole pieces of ten: %d of three", async (maxBytes, count) => {
    const { stream, taken } = aStream([1, 2, 3].map((value) => new Uint8Array(10).fill(value)));
    await openTarInput(stream).passOver(maxBytes);
    expect(taken()).toBe(count);
  });

  test("goes on where its reader left it", async () => {
    const { stream, taken } = aStream([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
    const input = openTarInput(stream);
    for await (const _ of input.pieces) break;
    expect(taken()).toBe(1);
    await input.passOver(1);
    expect(taken()).toBe(2);
  });
});
