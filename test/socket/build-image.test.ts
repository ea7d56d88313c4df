import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BottleError } from "../../src/core/error.ts";
import { buildImage } from "../../src/engine/build-image.ts";
import { makeEngine } from "../../src/engine/engine.ts";
import { failureOf } from "../support/failure.ts";
import { always, renderChunk, startFakeDaemon, streamHead } from "../support/fake-daemon.ts";
import type { FakeDaemon, Script } from "../support/fake-daemon.ts";

/** Answers of Engine 20.10, as they came */
const recorded = (name: string) => readFile(join(import.meta.dir, "recorded", `${name}.jsonl`));

/** Streams the bytes in pieces of `size` and ends properly. */
function streaming(bytes: string | Buffer, size = 1000): Script {
  return async (connection) => {
    const rest = Buffer.from(bytes);
    await connection.send(streamHead);
    for (let at = 0; at < rest.length; at += size)
      await connection.send(renderChunk(rest.subarray(at, at + size)));
    await connection.send(renderChunk(""));
    connection.end();
  };
}

async function build(
  daemon: FakeDaemon,
  options: {
    builder?: "1" | "2";
    signal?: AbortSignal;
    onLine?: (line: string) => void;
    context?: ReadableStream<Uint8Array>;
    dockerfile?: string;
  } = {},
) {
  const lines: string[] = [];
  const engine = makeEngine(daemon.endpoint, "1.41", options.builder ?? "2");
  const request = {
    tag: "t:1",
    labels: { a: "b" },
    buildArgs: { WORD: "w1" },
    context: options.context ?? new Uint8Array([1, 2, 3]),
    dockerfile: options.dockerfile,
    noCache: true,
    ...(options.signal ? { signal: options.signal } : {}),
  };
  const id = await buildImage(engine, request, (line) => {
    lines.push(line);
    options.onLine?.(line);
  });
  return { id, lines };
}

describe("buildImage()", () => {
  test("reads the classic builder's output", async () => {
    await using daemon = await startFakeDaemon(streaming(await recorded("build-ok-classic")));
    const { id, lines } = await build(daemon, { builder: "1" });
    expect(id).toBe("sha256:1fbff173d59e49b3d8570848f132af2c0e53884d148914391bf481040f702f49");
    expect(lines.filter((line) => !line.startsWith(" --->"))).toEqual([
      "Step 1/5 : FROM claude-bottle-base:bookworm",
      "Step 2/5 : ARG WORD",
      "Removing intermediate container 1411387504ff",
      "Step 3/5 : COPY note /note",
      "Step 4/5 : RUN echo built-$WORD && cat /note",
      "built-w1",
      "a note",
      "Removing intermediate container b208211bbee0",
      "Step 5/5 : LABEL claude-bottle.test-run=record",
      "Removing intermediate container 5ce5ff01069a",
      "Successfully built 1fbff173d59e",
      "Successfully tagged cb-record:ok1",
    ]);
  });

  test("reads BuildKit's traces", async () => {
    await using daemon = await startFakeDaemon(streaming(await recorded("build-ok-buildkit")));
    const { id, lines } = await build(daemon);
    expect(id).toBe("sha256:52de7b16cb1d1ada7cdeb47754fa729a1eaa59c8d04bf457d04c6e8d001219a2");
    expect(lines).toEqual([
      "[internal] load remote build context",
      "copy /context /",
      "[1/3] FROM docker.io/library/claude-bottle-base:bookworm",
      "[2/3] COPY note /note",
      "[3/3] RUN echo built-w1 && cat /note",
      "built-w1",
      "a note",
      "exporting to image",
      "Successfully tagged cb-record:ok2",
    ]);
  });

  test("reads letters of several bytes wherever they are cut", async () => {
    const stream = '{"stream":"Größe 日本語\\n"}\r\n{"aux":{"ID":"sha256:1"}}\r\n';
    await using daemon = await startFakeDaemon(streaming(stream, 1));
    expect(await build(daemon)).toEqual({ id: "sha256:1", lines: ["Größe 日本語"] });
  });

  test("reads the stream wherever it is cut", async () => {
    await using daemon = await startFakeDaemon(streaming(await recorded("build-ok-buildkit"), 1));
    expect((await build(daemon)).lines).toHaveLength(9);
  });

  test.each([
    ["classic", "1"],
    ["buildkit", "2"],
  ] as const)("fails when a step fails, although the status is 200 (%s)", async (name, builder) => {
    await using daemon = await startFakeDaemon(streaming(await recorded(`build-fail-${name}`)));
    const error = await failureOf(build(daemon, { builder }));
    const command = "/bin/sh -c echo before && echo to-stderr >&2 && exit 7";
    expect(error.message).toBe(
      builder === "1"
        ? `Cannot build image "t:1": The command '${command}' returned a non-zero code: 7`
        : `Cannot build image "t:1": executor failed running [${command}]: exit code: 7`,
    );
    // Its colours are taken away
    expect(error.details).toContain("to-stderr");
    expect(error.details).toContain("before");
    expect(error.hint).toStartWith("Fix the errors above");
  });

  test.each([
    ["Temporary failure resolving 'packages.example'", "failed: 100", "do not reach the network"],
    ["npm error code EAI_AGAIN", "failed: 1", "do not reach the network"],
    ["compiling", "write /x: no space left on device", "Free space"],
  ])("says what to do after %p and %p", async (line, state, hint) => {
    const messages = [{ stream: `${line}\n` }, { error: state }].map((one) => JSON.stringify(one));
    await using daemon = await startFakeDaemon(streaming(messages.join("\r\n")));
    expect((await failureOf(build(daemon))).hint).toContain(hint);
  });

  test("sends the context, the tag and the builder's version", async () => {
    await using daemon = await startFakeDaemon(streaming(await recorded("build-ok-buildkit")));
    await build(daemon);
    const [request] = daemon.requests;
    expect(`${request?.method} ${request?.path}`).toBe("POST /v1.41/build");
    expect(Object.fromEntries(request?.query ?? [])).toEqual({
      t: "t:1",
      version: "2",
      buildargs: '{"WORD":"w1"}',
      labels: '{"a":"b"}',
      nocache: "true",
      rm: "true",
      forcerm: "true",
    });
    expect(request?.headers["content-type"]).toBe("application/x-tar");
    expect(request?.body).toEqual(Buffer.from([1, 2, 3]));
  });

  test("sends a context as a stream, and says where the Dockerfile is in it", async () => {
    await using daemon = await startFakeDaemon(streaming(await recorded("build-ok-buildkit")));
    const context = new Blob([new Uint8Array([1, 2]), new Uint8Array([3])]).stream();
    await build(daemon, { context, dockerfile: "docker/D" });
    const [request] = daemon.requests;
    expect(request?.body).toEqual(Buffer.from([1, 2, 3]));
    expect(request?.query.get("dockerfile")).toBe("docker/D");
  });

  test("fails with what the context failed with, and sends no end that would make an archive of half of it", async () => {
    await using daemon = await startFakeDaemon(streaming(await recorded("build-ok-buildkit")));
    const reason = new BottleError({ code: "file", message: "Cannot send it: it changed" });
    const context = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array([1, 2])),
      pull: (controller) => controller.error(reason),
    });
    expect(await failureOf(build(daemon, { context }))).toBe(reason);
    // What comes after it is whole; half an archive with a proper end would be built
    await build(daemon);
    expect(daemon.requests.map((one) => one.body.length)).toEqual([3]);
  });

  test("fails on a Dockerfile that the engine cannot read", async () => {
    await using daemon = await startFakeDaemon(always(400, { message: "dockerfile parse error line 2" }));
    const error = await failureOf(build(daemon));
    expect(error.message).toBe('Cannot build image "t:1": dockerfile parse error line 2');
  });

  test("fails when the engine is lost in the middle", async () => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(streamHead);
      await connection.send(renderChunk('{"stream":"Step 1/5"}\n'));
      connection.terminate();
    });
    const error = await failureOf(build(daemon));
    expect(error.message).toBe('Cannot build image "t:1": the connection was closed');
    expect(error.code).toBe("engine-unreachable");
  });

  test("fails when the stream ends without an image", async () => {
    await using daemon = await startFakeDaemon(streaming('{"stream":"Step 1/5"}\n{"stream":"Ste'));
    const error = await failureOf(build(daemon));
    expect(error.message).toBe(
      'Cannot build image "t:1": the engine ended the build without naming an image',
    );
    expect(error.details).toEqual(["Step 1/5"]);
  });

  test("keeps the last twenty lines for an error, and shows all with nothing that moves the cursor", async () => {
    const steps = Array.from({ length: 30 }, (_, index) =>
      JSON.stringify({ stream: `line ${index}\u001b[2J\b\r\n` }),
    );
    await using daemon = await startFakeDaemon(
      streaming([...steps, '{"error":"no\\u001b[2J"}'].join("\r\n")),
    );
    const seen: string[] = [];
    const error = await failureOf(build(daemon, { onLine: (line) => seen.push(line) }));
    expect(seen).toHaveLength(30);
    expect(seen[0]).toBe("line 0\\x08");
    expect(error.details).toEqual(seen.slice(10));
    expect(error.message).toBe('Cannot build image "t:1": no\\x1b[2J');
  });

  test("ends with the caller's reason when it is aborted, and closes the connection, which ends the build", async () => {
    const reason = new Error("Ctrl-C");
    const left = Promise.withResolvers<void>();
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(streamHead);
      await connection.send(renderChunk('{"stream":"Step 1/5"}\n'));
      await connection.closed;
      left.resolve();
    });
    const controller = new AbortController();
    const outcome = build(daemon, { signal: controller.signal, onLine: () => controller.abort(reason) });
    expect(await outcome.catch((error: unknown) => error)).toBe(reason);
    await left.promise;
  });
});
