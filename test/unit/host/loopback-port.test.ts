import { describe, expect, onTestFinished, test } from "bun:test";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { OutputSinks, ProgramStream } from "../../../src/core/byte-stream.ts";
import { openLoopbackPort } from "../../../src/host/loopback-port.ts";
import type { Carrying } from "../../../src/host/loopback-port.ts";
import { failureOf } from "../../support/failure.ts";

/** The other side: what it was given, and what it says once its input has ended. */
function anOtherSide(says: (given: string, sinks: OutputSinks) => unknown) {
  const given: Buffer[] = [];
  const [ended, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const stream = {
    write: (data: Uint8Array) => void given.push(Buffer.from(data)),
    endInput: () => ended.resolve(),
    destroy: () => gone.resolve(),
    closed: gone.promise,
    async forward(sinks: OutputSinks) {
      await Promise.race([ended.promise, gone.promise]);
      await says(Buffer.concat(given).toString(), sinks);
    },
  } as unknown as ProgramStream;
  return { stream, gone: gone.promise };
}

async function open(connectOther: Carrying["connect"]) {
  const complaints: string[] = [];
  const complained = Promise.withResolvers<string>();
  const port = await openLoopbackPort(0, {
    connect: connectOther,
    onComplaint: (text) => {
      complaints.push(text);
      complained.resolve(text);
    },
  });
  onTestFinished(() => port.close());
  return { port, complaints, complained: complained.promise };
}

/** Sends, ends its side, and reads to the end. */
async function ask(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => undefined);
  socket.end(text);
  const pieces: Buffer[] = [];
  socket.on("data", (piece: Buffer) => pieces.push(piece));
  await once(socket, "close");
  return Buffer.concat(pieces).toString();
}

describe("a port of this machine's loopback", () => {
  test("carries both ways, and passes the end of one on as an end", async () => {
    const side = anOtherSide((given, { output }) => output(Buffer.from(`got ${given}`)));
    const { port, complaints } = await open(async () => side.stream);
    expect(port.port).toBeGreaterThan(0);
    expect(await ask(port.port, "hello")).toBe("got hello");
    await side.gone;
    expect(complaints).toEqual([]);
  });

  test("carries more than fits into a socket", async () => {
    const piece = Buffer.alloc(1024 * 1024, "a");
    const side = anOtherSide(async (_, { output }) => {
      for (let count = 0; count < 8; count += 1) await output(piece);
    });
    const { port } = await open(async () => side.stream);
    expect((await ask(port.port, "")).length).toBe(8 * piece.length);
  });

  test("is on 127.0.0.1 and on no other address; control: there it is", async () => {
    const { port } = await open(async () => anOtherSide(() => undefined).stream);
    const tryAt = async (host: string) => {
      const socket = connect({ port: port.port, host });
      const code = await once(socket, "connect").then(
        () => "connected",
        (error: NodeJS.ErrnoException) => error.code,
      );
      socket.destroy();
      return code;
    };
    expect(await tryAt("127.0.0.1")).toBe("connected");
    expect(await tryAt("127.0.0.2")).toBe("ECONNREFUSED");
  });

  test("tells what the other side complained of, the beginning of it, and once", async () => {
    const side = anOtherSide((_, { output, errorOutput }) => {
      void output(Buffer.from("a part"));
      void errorOutput(Buffer.from("x".repeat(150)));
      void errorOutput(Buffer.from("y".repeat(51)));
    });
    const { port, complaints, complained } = await open(async () => side.stream);
    expect(await ask(port.port, "")).toBe("a part");
    expect(await complained).toBe("x".repeat(150) + "y".repeat(50));
    expect(complaints).toHaveLength(1);
  });

  test("cuts a connection that leads nowhere, and says why", async () => {
    const { port, complained } = await open(() => Promise.reject(new Error("no such bottle")));
    expect(await ask(port.port, "")).toBe("");
    expect(await complained).toBe("no such bottle");
  });

  test("cuts what is open when it is closed, on both sides", async () => {
    const side = anOtherSide(() => undefined);
    const { port } = await open(async () => side.stream);
    const socket = connect(port.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("a");
    await once(socket, "connect");
    await Bun.sleep(1);
    const closed = once(socket, "close");
    port.close();
    await closed;
    const again = connect(port.port, "127.0.0.1");
    const [error] = (await once(again, "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  });

  test("names a number that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { port: number };
    const carrying = { connect: () => Promise.reject(new Error()), onComplaint: () => undefined };
    const error = await failureOf(openLoopbackPort(port, carrying));
    expect(error.message).toBe(`Cannot open port ${port} on this machine: another program has it`);
    expect(error.hint).toBe("Name another one after a colon, as in 3000:8080.");
  });
});
