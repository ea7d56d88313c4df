import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import type { IncomingMessage, OutgoingMessage } from "node:http";
import { PassThrough, Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { passBody } from "../../../../src/sidecar/gate/pass-body.ts";

/** Both ends without HTTP around them; the socket is what the message writes to. */
function make(highWaterMark = 64 * 1024) {
  const writes: string[] = [];
  const socket = new Writable({
    highWaterMark,
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join("|"));
      done();
    },
  });
  const from = Object.assign(new PassThrough(), { complete: false });
  const to = Object.assign(socket, { socket });
  passBody(from as unknown as IncomingMessage, to as unknown as OutgoingMessage);
  return { from, to, writes };
}

describe("a body that is passed on", () => {
  test("goes in one write for what comes in one turn, and at once after it", async () => {
    const { from, writes } = make();
    for (const piece of ["a", "b", "c"]) from.write(piece);
    await setImmediate();
    await setImmediate();
    expect(writes).toEqual(["a|b|c"]);
    from.write("d");
    await setImmediate();
    await setImmediate();
    expect(writes).toEqual(["a|b|c", "d"]);
  });

  test("ends with what it comes from", async () => {
    const { from, to, writes } = make();
    from.complete = true;
    from.end("all");
    await once(to, "close");
    expect(writes).toEqual(["all"]);
    expect(to.writableFinished).toBe(true);
  });

  test("does not look whole when it was cut off", async () => {
    const { from, to } = make();
    from.write("half");
    from.destroy();
    await once(to, "close");
    expect(to.writableFinished).toBe(false);
  });

  test("waits for whoever reads slowly", async () => {
    const { from, to, writes } = make(4);
    from.write("12345678");
    from.write("more");
    expect(from.isPaused()).toBe(true);
    await once(to, "drain");
    await setImmediate();
    expect(writes.join("|")).toBe("12345678|more");
  });
});
