import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isConflict, isNotFound } from "../../src/engine/engine-error.ts";
import { makeEngine } from "../../src/engine/engine.ts";
import { failureOf } from "../support/failure.ts";
import { always, renderChunk, renderReply, startFakeDaemon, streamHead } from "../support/fake-daemon.ts";

function refuse(socket: Bun.Socket): void {
  socket.write(renderReply(404, { message: "no such container" }));
}

describe("json()", () => {
  test("sends version, query and JSON, and reads JSON", async () => {
    await using daemon = await startFakeDaemon(always(201, { Id: "abc" }));
    const answer = await daemon.engine.json<{ Id: string }>("POST", "/containers/create", {
      query: { name: "a b&c=d", all: true, tail: 5, none: undefined },
      body: { Image: "ü" },
    });
    expect(answer).toEqual({ Id: "abc" });
    const [request] = daemon.requests;
    expect(request?.method).toBe("POST");
    expect(request?.path).toBe("/v1.41/containers/create");
    expect([...(request?.query ?? [])]).toEqual([
      ["name", "a b&c=d"],
      ["all", "true"],
      ["tail", "5"],
    ]);
    expect(request?.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(request?.body.toString() ?? "")).toEqual({ Image: "ü" });
  });

  test("names the action and the engine's words, escaped", async () => {
    await using daemon = await startFakeDaemon(always(500, { message: "no\u001b[31m space\nleft" }));
    const error = await failureOf(daemon.engine.json("POST", "/x", { action: 'create network "a\u0007"' }));
    expect(error.message).toBe('Cannot create network "a\\x07": no\\x1b[31m space\\nleft');
    expect(error.code).toBe("engine-refused");
    expect(error).toMatchObject({ status: 500, isTransport: false });
  });

  test.each([
    [404, true, false],
    [409, false, true],
    [500, false, false],
  ])("tells what kind of refusal %d is", async (status, notFound, conflict) => {
    await using daemon = await startFakeDaemon(always(status, { message: "m" }));
    const error = await failureOf(daemon.engine.json("GET", "/x"));
    expect([isNotFound(error), isConflict(error)]).toEqual([notFound, conflict]);
  });

  test("passes on that the engine does not speak the version", async () => {
    const words = "client version 1.51 is too new. Maximum supported API version is 1.41";
    await using daemon = await startFakeDaemon(always(400, { message: words }));
    const engine = makeEngine(daemon.endpoint, "1.51", "1");
    const error = await failureOf(engine.json("GET", "/info", { action: "ask" }));
    expect(error.message).toBe(`Cannot ask: ${words}`);
    expect(daemon.requests[0]?.path).toBe("/v1.51/info");
  });

  test.each([
    ["a page of another program", "<html>bad gateway</html>", "<html>bad gateway</html>"],
    ["nothing", "", "status 502"],
    ["JSON without a message", "[1]", "[1]"],
  ])("shows an error that is %s", async (_name, body, shown) => {
    await using daemon = await startFakeDaemon(always(502, body));
    const error = await failureOf(daemon.engine.json("GET", "/x", { action: "ask" }));
    expect(error.message).toBe(`Cannot ask: ${shown}`);
  });

  test("fails on an answer that is not JSON", async () => {
    await using daemon = await startFakeDaemon(always(200, "OK"));
    const error = await failureOf(daemon.engine.json("GET", "/x", { action: "ask" }));
    expect(error.message).toBe("Cannot ask: the answer is not JSON");
  });

  test("says that the connection was lost when half an answer came", async () => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Id":');
      connection.end();
    });
    const error = await failureOf(daemon.engine.json("GET", "/x", { action: "ask" }));
    expect(error.message).toBe("Cannot ask: the connection was closed");
    expect(error).toMatchObject({ code: "engine-unreachable", status: undefined, isTransport: true });
  });

  test.each([
    ["no answer comes", ""],
    ["half an answer comes", 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Id":'],
  ])("stops waiting when %s", async (_name, sent) => {
    await using daemon = await startFakeDaemon((connection) => connection.send(sent));
    const error = await failureOf(daemon.engine.json("GET", "/x", { action: "ask", timeoutMs: 50 }));
    expect(error.message).toBe("Cannot ask: no answer within 0.05 s");
    expect(error.code).toBe("engine-unreachable");
  });

  test("gives the reason of the caller who aborted", async () => {
    const reason = new Error("Ctrl-C");
    const controller = new AbortController();
    await using daemon = await startFakeDaemon(() => controller.abort(reason));
    const outcome = daemon.engine
      .json("GET", "/x", { signal: controller.signal })
      .catch((error: unknown) => error);
    expect(await outcome).toBe(reason);
    const again = daemon.engine
      .json("GET", "/x", { signal: controller.signal })
      .catch((error: unknown) => error);
    expect(await again).toBe(reason);
    expect(daemon.requests).toHaveLength(1);
  });
});

describe("any request", () => {
  test.each([301, 302, 307, 308])("does not follow a %d to another place", async (status) => {
    let visits = 0;
    const visit = () => {
      visits += 1;
      return new Response("{}");
    };
    await using elsewhere = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: visit });
    await using daemon = await startFakeDaemon(always(status, "", { Location: elsewhere.url.href }));
    const error = await failureOf(daemon.engine.send("GET", "/x", { action: "ask" }));
    expect(error.message).toBe(`Cannot ask: the engine redirects (${status}), which is not followed`);
    expect(daemon.requests).toHaveLength(1);
    expect(visits).toBe(0);
  });

  test("does not send a POST a second time when the kept connection turns out to be dead", async () => {
    let repeated = 0;
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(renderReply(200, {}, { Connection: "keep-alive" }));
      // The next request on the same connection
      if (await connection.receive()) repeated += 1;
      connection.terminate();
    });
    await daemon.engine.json("GET", "/first");
    const error = await failureOf(daemon.engine.json("POST", "/containers/create", { action: "create" }));
    expect(error.message).toBe("Cannot create: the connection was closed");
    expect(repeated).toBe(1);
    expect(daemon.requests.map((request) => request.method)).toEqual(["GET"]);
  });
});

describe("uploads", () => {
  test("go out in chunks, since their length is not known", async () => {
    await using daemon = await startFakeDaemon(always(200));
    const data = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array([1, 2]));
        controller.enqueue(new Uint8Array(100_000).fill(3));
        controller.close();
      },
    });
    await daemon.engine.send("PUT", "/archive", { raw: { contentType: "application/x-tar", data } });
    const [request] = daemon.requests;
    expect(request?.headers).toMatchObject({
      "content-type": "application/x-tar",
      "transfer-encoding": "chunked",
    });
    expect(request?.body.length).toBe(100_002);
  });

  test("fail with the error of their source", async () => {
    await using daemon = await startFakeDaemon(always(200));
    const data = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      pull: (controller) => controller.error(new Error("the file is gone")),
    });
    const error = await failureOf(
      daemon.engine.send("PUT", "/archive", {
        action: "copy",
        raw: { contentType: "application/x-tar", data },
      }),
    );
    expect(error.message).toBe("Cannot copy: the file is gone");
  });

  test("end at once when the engine refuses before it has read them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "upload-"));
    using listener = Bun.listen({ unix: join(folder, "engine.sock"), socket: { data: refuse } });
    const endpoint = { kind: "unix", socketPath: listener.unix, shown: "", origin: "" } as const;
    // A source without end
    const data = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    });
    const error = await failureOf(
      makeEngine(endpoint, "1.41", "1").send("PUT", "/archive", {
        raw: { contentType: "application/x-tar", data },
      }),
    );
    expect(error).toMatchObject({ status: 404, state: "no such container" });
    await rm(folder, { recursive: true });
  });
});

describe("open()", () => {
  test("hands out the answer as it comes and closes the connection when the reader leaves", async () => {
    const left = Promise.withResolvers<void>();
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(streamHead);
      await connection.send(renderChunk("first"));
      await connection.closed;
      left.resolve();
    });
    const response = await daemon.engine.open("GET", "/events");
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      expect(Buffer.from(chunk).toString()).toBe("first");
      break;
    }
    await left.promise;
  });
});
