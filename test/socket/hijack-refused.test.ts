import { describe, expect, test } from "bun:test";
import { readAll } from "../support/container-output.ts";
import { failureOf } from "../support/failure.ts";
import { always, renderChunk, startFakeDaemon, upgradeHead } from "../support/fake-daemon.ts";

describe("hijack() that is not granted", () => {
  test.each([
    [404, { message: "No such container: \u001bc" }, "No such container: \\x1bc"],
    [400, { message: "bad parameter" }, "bad parameter"],
    [409, { message: "Container c is paused" }, "Container c is paused"],
    [502, "bad gateway", "bad gateway"],
    [500, "", "status 500 where a stream was expected"],
    [200, "", "status 200 where a stream was expected"],
    [302, "", "status 302 where a stream was expected"],
  ])("fails with what the engine said with %d", async (status, body, shown) => {
    await using daemon = await startFakeDaemon(always(status, body));
    const error = await failureOf(daemon.engine.hijack("/containers/c/attach", { action: "attach" }));
    expect(error.message).toBe(`Cannot attach: ${shown}`);
    expect(error).toMatchObject({ status, code: "engine-refused" });
  });

  test("does not wait for the end of a stream that came without an upgrade", async () => {
    await using daemon = await startFakeDaemon((connection) =>
      connection.send("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nand so on"),
    );
    const error = await failureOf(daemon.engine.hijack("/containers/c/attach", { action: "attach" }));
    expect(error.message).toBe("Cannot attach: status 200 where a stream was expected");
  });

  test.each([
    ["whole", `${renderChunk('{"message":"no such exec"}')}${renderChunk("")}`],
    ["without its end", `${renderChunk('{"message":"no such exec"}')}`],
  ])("reads a refusal that comes in chunks, %s", async (_name, body) => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(`HTTP/1.1 404 X\r\nTransfer-Encoding: chunked\r\n\r\n${body}`);
      connection.end();
    });
    const error = await failureOf(daemon.engine.hijack("/x", { action: "attach" }));
    expect(error).toMatchObject({ message: "Cannot attach: no such exec", status: 404 });
  });

  test.each([
    ["a head without an end", `HTTP/1.1 101 X\r\nA: ${"a".repeat(70_000)}`],
    ["a status that is none", "HTTP/1.1 ok\r\n\r\n"],
  ])("does not take %s for an answer", async (_name, sent) => {
    await using daemon = await startFakeDaemon((connection) => connection.send(sent));
    const error = await failureOf(daemon.engine.hijack("/x", { action: "attach" }));
    expect(error.message).toBe("Cannot attach: what answers does not speak HTTP");
  });

  test.each([
    ["nothing comes", "", "no answer within 0.05 s"],
    ["half a refusal comes", "HTTP/1.1 500 X\r\nContent-Length: 50\r\n\r\nab", "no answer within 0.05 s"],
    ["another protocol answers", "SSH-2.0-OpenSSH_9.2\r\n", "what answers does not speak HTTP"],
  ])("stops waiting when %s", async (_name, sent, state) => {
    await using daemon = await startFakeDaemon((connection) => connection.send(sent));
    const error = await failureOf(daemon.engine.hijack("/x", { action: "attach", timeoutMs: 50 }));
    expect(error.message).toBe(`Cannot attach: ${state}`);
    expect(error.code).toBe("engine-unreachable");
  });

  test("says that the connection was closed or that there is no socket", async () => {
    await using daemon = await startFakeDaemon((connection) => connection.terminate());
    const closed = await failureOf(daemon.engine.hijack("/x", { action: "attach" }));
    expect(closed.message).toBe("Cannot attach: the connection was closed");
    await daemon[Symbol.asyncDispose]();
    const gone = await failureOf(daemon.engine.hijack("/x", { action: "attach" }));
    expect(gone.message).toBe("Cannot attach: there is no socket");
  });

  test("gives the reason of the caller who aborted", async () => {
    const reason = new Error("Ctrl-C");
    const controller = new AbortController();
    await using daemon = await startFakeDaemon(() => controller.abort(reason));
    const outcome = () =>
      daemon.engine.hijack("/x", { signal: controller.signal }).catch((error: unknown) => error);
    expect(await outcome()).toBe(reason);
    expect(await outcome()).toBe(reason);
    expect(daemon.requests).toHaveLength(1);
  });

  test("closes the connection when the caller aborts later", async () => {
    const left = Promise.withResolvers<void>();
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(upgradeHead);
      await connection.closed;
      left.resolve();
    });
    const controller = new AbortController();
    const stream = await daemon.engine.hijack("/x", { signal: controller.signal });
    controller.abort(new Error("Ctrl-C"));
    expect(await readAll(stream.output)).toBe("");
    await left.promise;
  });
});
