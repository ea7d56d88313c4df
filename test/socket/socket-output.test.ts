import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { SocketOutput } from "../../src/engine/socket-output.ts";
import { startFakeDaemon } from "../support/fake-daemon.ts";
import type { Connection } from "../support/fake-daemon.ts";

const early = Buffer.from("early");

/** A connection to somebody who waits for a request and then does as the script says. */
async function open(script: (connection: Connection) => Promise<void> | void) {
  const daemon = await startFakeDaemon((connection) => script(connection));
  if (daemon.endpoint.kind !== "unix") throw new Error("It listens on no unix socket");
  const socket = connect(daemon.endpoint.socketPath);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  return { socket, [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose]() };
}

async function readAll(output: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of output) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await Bun.sleep(5);
}

describe("a socket's output", () => {
  test("is what came early and then what comes, to the other side's end, after which the connection is closed", async () => {
    await using one = await open(async (connection) => {
      await connection.send("a");
      await connection.send("b");
      connection.end();
    });
    expect(await readAll(new SocketOutput(one.socket, early))).toBe("earlyab");
    expect(one.socket.destroyed).toBe(true);
  });

  test("that nobody has asked for yet is read by nobody", async () => {
    await using one = await open((connection) => connection.send("later"));
    const output = new SocketOutput(one.socket, Buffer.alloc(0));
    expect(one.socket.listenerCount("data")).toBe(0);
    expect(Buffer.from((await output.next()).value ?? "").toString()).toBe("later");
    await output.return();
  });

  test("of a connection that breaks off ends with what had come", async () => {
    await using one = await open(async (connection) => {
      await connection.send("half");
      connection.terminate();
    });
    expect(await readAll(new SocketOutput(one.socket, early))).toBe("earlyhalf");
  });

  test("of a connection that is gone before the first question is what came early", async () => {
    await using one = await open((connection) => connection.terminate());
    const output = new SocketOutput(one.socket, early);
    one.socket.resume();
    await until(() => one.socket.destroyed);
    expect(await readAll(output)).toBe("early");
  });

  test("stops its sender as long as the reader is slow, and loses nothing", async () => {
    const size = 8 * 1024 * 1024;
    let isTaken = false;
    await using one = await open(async (connection) => {
      await connection.send("x".repeat(size));
      isTaken = true;
      connection.end();
    });
    const output = new SocketOutput(one.socket, Buffer.alloc(0));
    let bytes = (await output.next()).value?.length ?? 0;
    await until(() => one.socket.isPaused());
    // What two sockets and the buffer hold is far less than the whole
    expect([isTaken, one.socket.bytesRead < size]).toEqual([false, true]);
    for await (const piece of output) bytes += piece.length;
    expect([bytes, isTaken]).toEqual([size, true]);
  });

  test("whoever leaves early closes the connection, and asks in vain afterwards", async () => {
    const closed = Promise.withResolvers<void>();
    await using one = await open((connection) => {
      void connection.closed.then(closed.resolve);
      return connection.send("a");
    });
    const output = new SocketOutput(one.socket, early);
    for await (const piece of output) {
      expect(Buffer.from(piece).toString()).toBe("early");
      break;
    }
    await closed.promise;
    expect(await output.next()).toEqual({ done: true, value: undefined });
  });

  test("a reader that waits is told of the end", async () => {
    await using one = await open(() => undefined);
    const next = new SocketOutput(one.socket, Buffer.alloc(0)).next();
    one.socket.destroy();
    expect(await next).toEqual({ done: true, value: undefined });
  });
});
