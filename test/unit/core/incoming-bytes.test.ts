import { describe, expect, test } from "bun:test";
import { IncomingBytes } from "../../../src/core/incoming-bytes.ts";

/** Bytes of a connection that notes how it is steered. */
function begin(): { readonly incoming: IncomingBytes; readonly steered: string[] } {
  const steered: string[] = [];
  const note = (word: string) => () => void steered.push(word);
  const incoming = new IncomingBytes({
    pause: note("pause"),
    resume: note("resume"),
    destroy: note("destroy"),
  });
  return { incoming, steered };
}

const piece = (text: string) => Buffer.from(text);
const quarter = new Uint8Array(64 * 1024);

describe("IncomingBytes, piece by piece", () => {
  test("gives what came, and the end behind it", async () => {
    const { incoming, steered } = begin();
    incoming.push(piece("one"));
    incoming.push(piece(""));
    const rest = Array.fromAsync(incoming, (data) => Buffer.from(data).toString());
    incoming.push(piece("two"));
    incoming.end();
    expect(await rest).toEqual(["one", "two"]);
    expect(steered).toEqual(["destroy"]);
  });

  test("gives what was put back first", async () => {
    const { incoming } = begin();
    incoming.push(piece("later"));
    incoming.unread(piece("first"));
    expect((await incoming.next()).value).toEqual(piece("first"));
    expect((await incoming.next()).value).toEqual(piece("later"));
  });

  test("holds the connection while much is kept, and lets it go on when it is taken", async () => {
    const { incoming, steered } = begin();
    for (let count = 0; count < 5; count += 1) incoming.push(quarter);
    expect(steered).toEqual(["pause"]);
    await incoming.next();
    expect(steered).toEqual(["pause"]);
    await incoming.next();
    expect(steered).toEqual(["pause", "resume"]);
  });
});

describe("IncomingBytes.forward()", () => {
  test("hands on what was kept, then each piece in the moment it comes", async () => {
    const { incoming } = begin();
    const seen: string[] = [];
    incoming.push(piece("kept"));
    const end = incoming.forward((data) => void seen.push(Buffer.from(data).toString()));
    await Bun.sleep(0);
    incoming.push(piece("direct"));
    expect(seen).toEqual(["kept", "direct"]);
    incoming.push(piece("again"));
    incoming.end();
    incoming.push(piece("too late"));
    await end;
    expect(seen).toEqual(["kept", "direct", "again"]);
  });

  test("waits for a slow sink, keeps the order, and holds the connection meanwhile", async () => {
    const { incoming, steered } = begin();
    const seen: number[] = [];
    const waits: (() => void)[] = [];
    const end = incoming.forward((data) => {
      seen.push(data.length);
      return new Promise((resolve) => waits.push(resolve));
    });
    await Bun.sleep(0);
    incoming.push(new Uint8Array(1));
    for (let count = 0; count < 4; count += 1) incoming.push(quarter);
    incoming.push(new Uint8Array(2));
    incoming.end();
    expect(seen).toEqual([1]);
    expect(steered).toEqual(["pause"]);
    for (let count = 0; count < 6; count += 1) {
      await Bun.sleep(0);
      waits.shift()?.();
    }
    await end;
    expect(seen).toEqual([1, quarter.length, quarter.length, quarter.length, quarter.length, 2]);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("full");
      },
    ],
    ["rejects", () => Promise.reject(new Error("full"))],
  ])("closes the connection when the sink %s", async (_how, sink) => {
    const { incoming, steered } = begin();
    const end = incoming.forward(sink).catch((error: Error) => error.message);
    await Bun.sleep(0);
    incoming.push(piece("x"));
    expect(await end).toBe("full");
    expect(steered).toContain("destroy");
  });
});
