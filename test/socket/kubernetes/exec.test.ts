import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { openAttach, openExec, runExec } from "../../../src/kubernetes/exec.ts";
import type { Certificates } from "../../support/certificates.ts";
import { failureOf } from "../../support/failure.ts";
import { acceptWebSocket, makeClusterCertificates, startFakeCluster } from "../../support/fake-cluster.ts";
import { always } from "../../support/fake-daemon.ts";
import type { Connection, Script } from "../../support/fake-daemon.ts";
import { readClientFrames, renderChannel, renderServerFrame } from "../../support/web-socket.ts";
import type { ClientFrame } from "../../support/web-socket.ts";

// Needs: openssl

let certificates: Certificates;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ certificates, remove } = await makeClusterCertificates());
});
afterAll(() => remove());

const place = { pod: "agent-x", container: "main" };
const success = renderChannel(3, JSON.stringify({ status: "Success" }));
const closeFrame = renderServerFrame(8, "\u0003\u00e8");

/** Frames of the client, one after the other. */
async function* receiveFrames(connection: Connection): AsyncGenerator<ClientFrame> {
  let pending = Buffer.alloc(0);
  for (;;) {
    const bytes = await connection.receive();
    if (!bytes) return;
    const { frames, rest } = readClientFrames(Buffer.concat([pending, bytes]));
    pending = Buffer.from(rest);
    yield* frames;
  }
}

/** Says this at once, cut into pieces, and ends. */
function says(frames: readonly Uint8Array[], pieceSize = 1_000_000): Script {
  return async (connection, request) => {
    const all = Buffer.concat([...frames, closeFrame]);
    await acceptWebSocket(connection, request, "v5.channel.k8s.io", all.subarray(0, pieceSize));
    for (let at = pieceSize; at < all.length; at += pieceSize)
      await connection.send(all.subarray(at, at + pieceSize));
    connection.end();
  };
}

/** Sends back what it is given on its input, until that is at its end. */
const echo: Script = async (connection, request) => {
  await acceptWebSocket(connection, request);
  for await (const { opcode, data } of receiveFrames(connection)) {
    if (opcode !== 2) continue;
    if (data[0] === 0) await connection.send(renderChannel(1, data.subarray(1).toString()));
    if (data[0] === 255) await connection.send(Buffer.concat([success, closeFrame]));
  }
};

describe("runExec()", () => {
  test("asks for the command in the Pod's container, and keeps the outputs apart", async () => {
    const frames = [
      renderChannel(1, ""),
      renderChannel(1, "out"),
      renderChannel(2, "err"),
      renderChannel(1, "put"),
      success,
    ];
    await using fake = await startFakeCluster(certificates, says(frames));
    const result = await runExec(fake.cluster, place, { command: ["sh", "-c", "a b"] });
    expect(result).toEqual({ exitCode: 0, stdout: "output", stderr: "err" });
    const [request] = fake.requests;
    expect(request?.path).toBe("/api/v1/namespaces/bottles/pods/agent-x/exec");
    expect(request?.query.getAll("command")).toEqual(["sh", "-c", "a b"]);
    expect(Object.fromEntries(request?.query ?? [])).toMatchObject({
      container: "main",
      stdin: "false",
      stdout: "true",
      stderr: "true",
      tty: "false",
    });
    expect(request?.headers).toMatchObject({
      authorization: "Bearer t0ken",
      "sec-websocket-protocol": "v5.channel.k8s.io, v4.channel.k8s.io",
    });
  });

  test.each([1, 3, 50])("reads the same from pieces of %d bytes", async (size) => {
    const frames = [renderChannel(1, "one "), renderServerFrame(9, "x"), renderChannel(1, "two"), success];
    await using fake = await startFakeCluster(certificates, says(frames, size));
    const result = await runExec(fake.cluster, place, { command: ["x"] });
    expect(result).toEqual({ exitCode: 0, stdout: "one two", stderr: "" });
  });

  test("gives a command its input and the input's end, and none of it in the request", async () => {
    await using fake = await startFakeCluster(certificates, echo);
    const input = `s3cret${"y".repeat(100_000)}`;
    const result = await runExec(fake.cluster, place, { command: ["cat"], input });
    expect(result.stdout === input).toBe(true);
    expect(JSON.stringify([fake.requests[0]?.headers, [...(fake.requests[0]?.query ?? [])]])).not.toContain(
      "s3cret",
    );
  });

  test("does not begin what could never end with a cluster that is too old", async () => {
    await using fake = await startFakeCluster(certificates, (connection, request) =>
      acceptWebSocket(connection, request, "v4.channel.k8s.io"),
    );
    const error = await failureOf(runExec(fake.cluster, place, { command: ["cat"], input: "x" }));
    expect(error.message).toBe(
      'Cannot run a command in Pod "agent-x": the cluster cannot tell a command that its input is at its end',
    );
  });

  test.each([
    [
      {
        status: "Failure",
        reason: "NonZeroExitCode",
        details: { causes: [{ reason: "ExitCode", message: "9" }] },
      },
      9,
    ],
    [
      {
        status: "Failure",
        reason: "InternalError",
        message: 'exec: "no": executable file not found in $PATH',
      },
      127,
    ],
    [{ status: "Failure", reason: "InternalError", message: 'exec: "/tmp": permission denied' }, 126],
  ])("gives the exit code of %j", async (status, exitCode) => {
    await using fake = await startFakeCluster(certificates, says([renderChannel(3, JSON.stringify(status))]));
    expect((await runExec(fake.cluster, place, { command: ["x"] })).exitCode).toBe(exitCode);
  });

  test("takes a connection that ends without an account for lost", async () => {
    await using fake = await startFakeCluster(certificates, says([renderChannel(1, "half")]));
    const error = await failureOf(runExec(fake.cluster, place, { command: ["x"] }));
    expect(error).toMatchObject({ code: "engine-unreachable", transport: "closed" });
  });

  test("stops listening to one that says too much", async () => {
    await using fake = await startFakeCluster(certificates, says([renderChannel(1, "12345"), success]));
    const error = await failureOf(runExec(fake.cluster, place, { command: ["x"], maxOutputBytes: 4 }));
    expect(error.message).toBe('Cannot run a command in Pod "agent-x": it said more than 4 B');
  });

  test.each([
    [
      403,
      'pods "agent-x" is forbidden: User "you" cannot create resource "pods/exec" in API group "" in the namespace "bottles"',
      'Ask an administrator for the verb "create" on "pods/exec" in namespace "bottles".',
    ],
    [404, 'pods "agent-x" \u001bnot found', undefined],
  ])("says why it may not: %d", async (status, message, hint) => {
    const body = { kind: "Status", message, reason: "X" };
    await using fake = await startFakeCluster(certificates, always(status, body));
    const error = await failureOf(runExec(fake.cluster, place, { command: ["x"] }));
    expect(error.message).toBe(
      `Cannot run a command in Pod "agent-x": ${message.replace("\u001b", "\\x1b")}`,
    );
    expect(error.hint).toBe(hint);
    expect(error).toMatchObject({ status, code: "engine-refused" });
  });

  test("tells what is no cluster", async () => {
    await using fake = await startFakeCluster(certificates, always(200, "hello"));
    expect((await failureOf(runExec(fake.cluster, place, { command: ["x"] }))).message).toBe(
      'Cannot run a command in Pod "agent-x": hello',
    );
    await using liar = await startFakeCluster(certificates, (connection, request) =>
      acceptWebSocket(connection, { ...request, headers: { "sec-websocket-key": "another" } }),
    );
    expect((await failureOf(runExec(liar.cluster, place, { command: ["x"] }))).message).toBe(
      'Cannot run a command in Pod "agent-x": what answers does not speak WebSocket as a cluster does',
    );
  });

  test("gives up when it is told to", async () => {
    await using fake = await startFakeCluster(certificates, (connection, request) =>
      acceptWebSocket(connection, request),
    );
    const abort = new AbortController();
    const run = runExec(fake.cluster, place, { command: ["x"], signal: abort.signal });
    const reason = new Error("enough");
    setTimeout(() => abort.abort(reason), 20);
    expect(await run.catch((error: unknown) => error)).toBe(reason);
  });
});

describe("a stream", () => {
  test("has a terminal whose size is a message, and is typed into and read at the same time", async () => {
    const sizes: string[] = [];
    const script: Script = async (connection, request) => {
      await acceptWebSocket(connection, request);
      for await (const { data } of receiveFrames(connection)) {
        if (data[0] === 4) sizes.push(data.subarray(1).toString());
        if (data[0] === 0)
          await connection.send(
            Buffer.concat([renderChannel(1, `got ${data.subarray(1)}`), success, closeFrame]),
          );
      }
    };
    await using fake = await startFakeCluster(certificates, script);
    const socket = await openExec(fake.cluster, place, {
      command: ["sh"],
      hasInput: true,
      hasTerminal: true,
    });
    await socket.resize(120, 40);
    await socket.stream.write("key");
    let text = "";
    const note = (piece: Uint8Array) => void (text += Buffer.from(piece));
    await socket.stream.forward({ output: note, errorOutput: note });
    expect(text).toBe("got key");
    expect(sizes).toEqual(['{"Width":120,"Height":40}']);
    expect(socket.end()).toEqual({ kind: "exit", code: 0 });
    expect(Object.fromEntries(fake.requests[0]?.query ?? [])).toMatchObject({
      tty: "true",
      stderr: "false",
      stdin: "true",
    });
  });

  test("joins a main program", async () => {
    await using fake = await startFakeCluster(certificates, says([renderChannel(1, "hello"), success]));
    const socket = await openAttach(fake.cluster, place, { hasInput: true, hasTerminal: false });
    const frames = await Array.fromAsync(socket.stream.output);
    expect(frames.map(({ data }) => Buffer.from(data).toString())).toEqual(["hello"]);
    expect(fake.requests[0]?.path).toBe("/api/v1/namespaces/bottles/pods/agent-x/attach");
    await socket.stream.closed;
  });

  test("answers a ping, and makes the other side wait while nobody reads", async () => {
    const pongs: string[] = [];
    let sent = 0;
    const script: Script = async (connection, request) => {
      await acceptWebSocket(connection, request, "v5.channel.k8s.io", renderServerFrame(9, "there?"));
      const piece = renderChannel(1, "z".repeat(60_000));
      const pump = (async () => {
        for (; sent < 400; sent++) await connection.send(piece);
        await connection.send(Buffer.concat([success, closeFrame]));
      })();
      for await (const { opcode, data } of receiveFrames(connection))
        if (opcode === 10) pongs.push(data.toString());
      await pump;
    };
    await using fake = await startFakeCluster(certificates, script);
    const socket = await openExec(fake.cluster, place, {
      command: ["yes"],
      hasInput: false,
      hasTerminal: false,
    });
    await Bun.sleep(300);
    const whileUnread = sent;
    let bytes = 0;
    for await (const { data } of socket.stream.output) bytes += data.length;
    expect(bytes).toBe(400 * 60_000);
    expect(whileUnread).toBeLessThan(400);
    expect(pongs).toEqual(["there?"]);
  });

  test("ends a stream that is no WebSocket with an error", async () => {
    await using fake = await startFakeCluster(certificates, says([Buffer.of(0xc2, 0)]));
    const socket = await openExec(fake.cluster, place, {
      command: ["x"],
      hasInput: false,
      hasTerminal: false,
    });
    const error = await failureOf(Array.fromAsync(socket.stream.output));
    expect(error.message).toBe(
      'Cannot run a command in Pod "agent-x": what comes is no WebSocket: reserved bits are set',
    );
  });
});

describe("a proxy on the way", () => {
  /** Passes on what comes behind a CONNECT, and notes what was asked of it. */
  function startProxy(answer = "200 Connection established") {
    const asked: string[] = [];
    const server = createServer((client) => {
      client.on("error", () => undefined);
      client.once("data", (head) => {
        asked.push(head.toString());
        const [, port = "0"] = /^CONNECT 127\.0\.0\.1:(\d+) /.exec(head.toString()) ?? [];
        client.write(`HTTP/1.1 ${answer}\r\n\r\n`);
        if (!answer.startsWith("200")) return;
        const target = connect({ host: "127.0.0.1", port: Number(port) });
        target.on("error", () => client.destroy());
        client.pipe(target).pipe(client);
      });
    });
    return new Promise<{ url: string; asked: string[] } & AsyncDisposable>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        const close = () => new Promise<void>((done) => server.close(() => done()));
        resolve({ url: `http://me:pass@127.0.0.1:${port}`, asked, [Symbol.asyncDispose]: close });
      });
    });
  }

  test("carries requests and streams, and sees nothing of either", async () => {
    await using proxy = await startProxy();
    await using fake = await startFakeCluster(certificates, echo, { proxy: proxy.url });
    const result = await runExec(fake.cluster, place, { command: ["cat"], input: "s3cret" });
    expect(result.stdout).toBe("s3cret");
    expect(proxy.asked.join("")).toContain(`Proxy-Authorization: Basic ${btoa("me:pass")}`);
    await using other = await startFakeCluster(certificates, always(200, { ok: true }), { proxy: proxy.url });
    expect(await other.cluster.json<unknown>("GET", "/version")).toEqual({ ok: true });
    expect(proxy.asked).toHaveLength(2);
    expect(proxy.asked.join("")).not.toMatch(/t0ken|s3cret/);
  });

  test("that refuses is named", async () => {
    await using proxy = await startProxy("407 Who are you");
    await using fake = await startFakeCluster(certificates, echo, { proxy: proxy.url });
    const error = await failureOf(runExec(fake.cluster, place, { command: ["cat"] }));
    expect(error.message).toBe('Cannot run a command in Pod "agent-x": the proxy answers 407');
    expect(fake.requests).toEqual([]);
  });
});
