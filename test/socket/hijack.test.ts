import type { ByteStream } from "../../src/core/byte-stream.ts";
import { describe, expect, test } from "bun:test";
import { readAll, readFrames } from "../support/container-output.ts";
import { failureOf } from "../support/failure.ts";
import { always, renderFrame, startFakeDaemon, upgradeHead } from "../support/fake-daemon.ts";

/** Answers every chunk with a byte, so that the daemon knows when a part has been read on its own. */
async function* acknowledge(stream: ByteStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream.output) {
    // Nobody is there to hear of the last part
    await Promise.resolve(stream.write(".")).catch(() => undefined);
    yield chunk;
  }
}

describe("hijack()", () => {
  test("asks for the connection and carries bytes both ways", async () => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(upgradeHead);
      const input = await connection.receive();
      await connection.send(`heard ${input}`);
      connection.end();
    });
    const stream = await daemon.engine.hijack("/containers/c/attach", {
      query: { stdin: true, detachKeys: "ctrl-^" },
    });
    await stream.write("hello");
    expect(await readAll(stream.output)).toBe("heard hello");
    const [request] = daemon.requests;
    expect(`${request?.method} ${request?.path}`).toBe("POST /v1.41/containers/c/attach");
    expect([...(request?.query ?? [])]).toEqual([
      ["stdin", "true"],
      ["detachKeys", "ctrl-^"],
    ]);
    expect(request?.headers).toMatchObject({ connection: "Upgrade", upgrade: "tcp", "content-length": "0" });
  });

  test("sends a JSON body before the connection changes hands", async () => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(upgradeHead);
      connection.end();
    });
    const stream = await daemon.engine.hijack("/exec/e/start", { body: { Detach: false, Tty: false } });
    expect(await readAll(stream.output)).toBe("");
    expect(JSON.parse(daemon.requests[0]?.body.toString() ?? "")).toEqual({ Detach: false, Tty: false });
  });

  test("keeps the bytes that come in one packet with the 101", async () => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(`${upgradeHead}early`);
      await connection.receive();
      await connection.send(" late");
      connection.end();
    });
    const stream = await daemon.engine.hijack("/exec/e/start");
    await stream.write("go on");
    expect(await readAll(stream.output)).toBe("early late");
  });

  test("keeps everything of a stream that is over before anybody reads it", async () => {
    const sent = "x".repeat(300_000);
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(`${upgradeHead}${sent}`);
      connection.end();
    });
    const stream = await daemon.engine.hijack("/exec/e/start");
    await daemon.engine.hijack("/exec/e/start").then((other) => readAll(other.output));
    expect(await readAll(stream.output)).toBe(sent);
  });

  test("keeps everything of a stream that ends while its reader is slow", async () => {
    const part = "x".repeat(200_000);
    const gone = Promise.withResolvers<void>();
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(`${upgradeHead}${part}`);
      await connection.receive();
      await connection.send(part);
      connection.end();
      gone.resolve();
    });
    const stream = await daemon.engine.hijack("/exec/e/start");
    let length = 0;
    for await (const chunk of stream.output) {
      if (length === 0) await Promise.resolve(stream.write("go on")).then(() => gone.promise);
      length += chunk.length;
      await Bun.sleep(1);
    }
    expect(length).toBe(2 * part.length);
  });

  test("sends what the kernel did not take at once before it ends the input", async () => {
    const goOn = Promise.withResolvers<void>();
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(upgradeHead);
      connection.pause();
      await goOn.promise;
      connection.resume();
      let text = "";
      for (let chunk = await connection.receive(); chunk; chunk = await connection.receive())
        text = (text + String(chunk)).slice(-8);
      await connection.send(text);
      connection.end();
    });
    const stream = await daemon.engine.hijack("/exec/e/start");
    const writes = [stream.write(new Uint8Array(8_000_000)), stream.write("the end.")];
    stream.endInput();
    goOn.resolve();
    await Promise.all(writes);
    expect(await readAll(stream.output)).toBe("the end.");
    expect((await failureOf(Promise.resolve(stream.write("more")))).message).toContain(
      "the connection was closed",
    );
  });

  test("reads frames however their bytes are split", async () => {
    const wire = Buffer.concat([
      Buffer.from(upgradeHead),
      renderFrame("stdout", "out"),
      renderFrame("stderr", ""),
      renderFrame("stderr", "err\u00fc"),
    ]);
    for (let cut = upgradeHead.length; cut < wire.length; cut += 1) {
      await using daemon = await startFakeDaemon(async (connection) => {
        await connection.send(wire.subarray(0, cut));
        if (cut > upgradeHead.length) await connection.receive();
        await connection.send(wire.subarray(cut));
        connection.end();
      });
      const stream = await daemon.engine.hijack("/containers/c/attach");
      expect(await readFrames(acknowledge(stream))).toEqual({ stdout: "out", stderr: "errü" });
    }
  });

  test("reads the head however its bytes are split", async () => {
    for (const cut of [1, 12, 20, upgradeHead.length - 1]) {
      await using daemon = await startFakeDaemon(async (connection) => {
        await connection.send(upgradeHead.slice(0, cut));
        await Bun.sleep(0);
        await connection.send(`${upgradeHead.slice(cut)}early`);
        connection.end();
      });
      expect(await readAll((await daemon.engine.hijack("/exec/e/start")).output)).toBe("early");
    }
  });

  test("ends the input and still reads what follows", async () => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(upgradeHead);
      let length = 0;
      for (let chunk = await connection.receive(); chunk; chunk = await connection.receive())
        length += chunk.length;
      await connection.send(`counted ${length}`);
      connection.end();
    });
    const stream = await daemon.engine.hijack("/exec/e/start");
    await stream.write(new Uint8Array(3_000_000));
    stream.endInput();
    expect(await readAll(stream.output)).toBe("counted 3000000");
    await stream.closed;
  });

  test("holds the writer while the engine does not read", async () => {
    const goOn = Promise.withResolvers<void>();
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(upgradeHead);
      connection.pause();
      await goOn.promise;
      connection.resume();
      for (let length = 0; length < 20_000_000;) length += (await connection.receive())?.length ?? Infinity;
      connection.end();
    });
    const stream = await daemon.engine.hijack("/exec/e/start");
    let isWritten = false;
    const writing = Promise.resolve(stream.write(new Uint8Array(20_000_000))).then(() => (isWritten = true));
    // A round trip on another connection: what could be written without being read has been written by then
    await using other = await startFakeDaemon(always(200, {}));
    await other.engine.json("GET", "/x");
    expect(isWritten).toBe(false);
    goOn.resolve();
    await writing;
    expect(await readAll(stream.output)).toBe("");
  });

  test("does not read ahead of a slow reader without limit", async () => {
    let sent = 0;
    const stalled = Promise.withResolvers<void>();
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(upgradeHead);
      const block = new Uint8Array(64 * 1024);
      const stall = setTimeout(stalled.resolve, 100);
      while (sent < 64 * 1024 * 1024) {
        await connection.send(block);
        sent += block.length;
        stall.refresh();
      }
      clearTimeout(stall);
      stalled.resolve();
      connection.end();
    });
    const stream = await daemon.engine.hijack("/exec/e/start");
    await stalled.promise;
    expect(sent).toBeLessThan(8 * 1024 * 1024);
    let length = 0;
    for await (const chunk of stream.output) length += chunk.length;
    expect(length).toBe(64 * 1024 * 1024);
  });

  test("just ends when the engine dies, and refuses further input", async () => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(`${upgradeHead}half`);
      await connection.receive();
      connection.terminate();
    });
    const stream = await daemon.engine.hijack("/containers/c/attach", { action: "attach" });
    await stream.write("x");
    expect(await readAll(stream.output)).toBe("half");
    await stream.closed;
    const error = await failureOf(Promise.resolve(stream.write("more")));
    expect(error.message).toBe("Cannot attach: the connection was closed");
    expect(error.code).toBe("engine-unreachable");
  });

  test("ends its output when it is destroyed", async () => {
    await using daemon = await startFakeDaemon((connection) => connection.send(`${upgradeHead}half`));
    const stream = await daemon.engine.hijack("/containers/c/attach");
    const iterator = stream.output[Symbol.asyncIterator]();
    expect(Buffer.from((await iterator.next()).value ?? "").toString()).toBe("half");
    const next = iterator.next();
    stream.destroy();
    expect((await next).done).toBe(true);
    await stream.closed;
  });
});
