import { describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectEngine, connectToFirst } from "../../src/engine/connect.ts";
import type { Endpoint } from "../../src/engine/endpoint.ts";
import { failureOf } from "../support/failure.ts";
import { always, startFakeDaemon } from "../support/fake-daemon.ts";

function ping(apiVersion: string, headers: Record<string, string> = {}) {
  return always(200, "OK", { "Api-Version": apiVersion, Server: "Docker/28.5.2 (linux)", ...headers });
}

function socketAt(socketPath: string): Endpoint {
  return { kind: "unix", socketPath, shown: `unix://${socketPath}`, origin: "test" };
}

describe("connectToFirst()", () => {
  test.each([
    ["1.41", "1.41"],
    ["1.45", "1.45"],
    ["1.51", "1.51"],
    ["1.99", "1.51"],
    ["2.0", "1.51"],
  ])("speaks to an engine of API %s in %s", async (offered, spoken) => {
    await using daemon = await startFakeDaemon(ping(offered));
    const engine = await connectToFirst([daemon.endpoint]);
    expect(engine.apiVersion).toBe(spoken);
    const asked = daemon.requests.map((request) => `${request.method} ${request.path}`);
    // Which ones it still speaks is asked of those alone that are newer than what was tested
    const isNewer = ["1.99", "2.0"].includes(offered);
    expect(asked).toEqual(["GET /_ping", ...(isNewer ? ["GET /version"] : [])]);
  });

  test.each([
    ["1.51", "1.51"],
    ["1.52", "1.52"],
    ["1.44", "1.51"],
    ["1.52\r\nX: y", "1.51"],
    [52, "1.51"],
    [undefined, "1.51"],
  ])("speaks to a newer engine, whose oldest version is %j, in %s", async (MinAPIVersion, spoken) => {
    const answer = ping("1.60");
    await using daemon = await startFakeDaemon((connection, request) =>
      request.path === "/version"
        ? always(200, { MinAPIVersion })(connection, request)
        : answer(connection, request),
    );
    expect((await connectToFirst([daemon.endpoint])).apiVersion).toBe(spoken);
  });

  test("speaks the newest that was tested where a newer engine does not say its oldest", async () => {
    const answer = ping("1.60");
    await using daemon = await startFakeDaemon((connection, request) =>
      request.path === "/version"
        ? always(500, { message: "no" })(connection, request)
        : answer(connection, request),
    );
    expect((await connectToFirst([daemon.endpoint])).apiVersion).toBe("1.51");
  });

  test.each([
    [{ "Builder-Version": "2" }, "2"],
    [{ "Builder-Version": "1" }, "1"],
    [{ "Builder-Version": "" }, "1"],
    [{}, "1"],
  ] as const)("with %j builds with version %s", async (headers, version) => {
    await using daemon = await startFakeDaemon(ping("1.41", headers));
    expect((await connectToFirst([daemon.endpoint])).builderVersion).toBe(version);
  });

  test.each([
    ["Libpod/5.4.0 (linux)", "Podman Engine", "podman"],
    ["nginx", "Engine", "docker"],
  ])("asks who it is where %s answers", async (server, component, product) => {
    const version = always(200, { Components: [{ Name: component, Version: "1" }] });
    const answer = ping("1.41", { Server: server });
    await using daemon = await startFakeDaemon((connection, request) =>
      (request.path.endsWith("/version") ? version : answer)(connection, request),
    );
    expect((await connectToFirst([daemon.endpoint])).product).toBe(product as "docker");
  });

  test("compares versions by number", async () => {
    await using daemon = await startFakeDaemon(ping("1.44"));
    const engine = await connectToFirst([daemon.endpoint]);
    expect(["1.9", "1.44", "1.45", "2.0"].map((version) => engine.supports(version))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test.each(["1.40", "1.9", "0.99"])("refuses an engine of API %s", async (offered) => {
    await using daemon = await startFakeDaemon(ping(offered));
    const error = await failureOf(connectToFirst([daemon.endpoint]));
    expect(error.code).toBe("engine-refused");
    expect(error.exitCode).toBe(125);
    expect(error.message).toEndWith(`its API version ${offered} is older than 1.41`);
    expect(error.hint).toBe("Update to Docker Engine 20.10 or newer.");
  });

  test("takes the next place when one does not answer", async () => {
    await using daemon = await startFakeDaemon(ping("1.41"));
    const engine = await connectToFirst([socketAt("/nonexistent/engine.sock"), daemon.endpoint]);
    expect(engine.endpoint).toEqual(daemon.endpoint);
  });

  test("lists every place and why it failed", async () => {
    await using other = await startFakeDaemon(always(200, "<html>", { Server: "nginx" }));
    await using redirecting = await startFakeDaemon(always(301, "", { Location: "http://engine.invalid/" }));
    await using starting = await startFakeDaemon(always(503, { message: "starting\u001b[2J" }));
    await using closing = await startFakeDaemon((connection) => connection.end());
    await using silent = await startFakeDaemon(() => undefined);
    const folder = await mkdtemp(join(tmpdir(), "connect-"));
    await writeFile(join(folder, "file"), "");
    const endpoints = [
      socketAt("/nonexistent/engine.sock"),
      socketAt(join(folder, "file")),
      socketAt(`/${"long".repeat(40)}`),
      ...[other, redirecting, starting, closing, silent].map((daemon) => daemon.endpoint),
    ];
    const error = await failureOf(connectToFirst(endpoints, 100));
    await rm(folder, { recursive: true });
    expect(error.code).toBe("engine-unreachable");
    expect(error.exitCode).toBe(125);
    expect(error.message).toBe("Cannot reach a container engine: none of the places tried answers");
    expect(error.hint).toBe("Start Docker (or Colima, OrbStack, Podman), or set DOCKER_HOST to its socket.");
    expect(error.details[0]).toBe("unix:///nonexistent/engine.sock (test): there is no socket");
    expect(error.details.map((line) => line.replace(/^.* \(test\): /, ""))).toEqual([
      "there is no socket",
      "nobody listens there",
      "the socket's path is too long",
      "something answers, but it is not a container engine",
      "the engine redirects (301), which is not followed",
      "starting\\x1b[2J",
      "the connection was closed",
      "no answer within 0.1 s",
    ]);
  });

  test("gives up on a place that answers garbage", async () => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send("\u0000\u0001garbage\n".repeat(50));
      connection.end();
    });
    const error = await failureOf(connectToFirst([daemon.endpoint], 200));
    expect(error.code).toBe("engine-unreachable");
    expect(error.details).toHaveLength(1);
  });

  test("says what to do about a socket that may not be opened", async () => {
    const folder = await mkdtemp(join(tmpdir(), "connect-"));
    const closedOff = join(folder, "closed");
    await mkdir(closedOff, { mode: 0o000 });
    const isRoot = process.geteuid?.() === 0;
    // Root may open everything, so for this one call it is nobody
    if (isRoot) process.seteuid?.(65534);
    let error;
    try {
      error = await failureOf(connectToFirst([socketAt(join(closedOff, "engine.sock"))]));
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
    await rm(folder, { recursive: true });
    expect(error.details[0]).toEndWith("no permission to open the socket");
    expect(error.hint).toContain("usermod -aG docker");
  });
});

describe("connectEngine()", () => {
  test("tries nothing but DOCKER_HOST when it is set", async () => {
    await using daemon = await startFakeDaemon(ping("1.47"));
    const world = {
      env: { DOCKER_HOST: daemon.endpoint.shown },
      home: "/home/u",
      uid: 1000,
      platform: "linux",
      readFile: () => Promise.resolve(undefined),
    };
    expect((await connectEngine(world)).apiVersion).toBe("1.47");
    const error = await failureOf(
      connectEngine({ ...world, env: { DOCKER_HOST: "unix:///nonexistent/engine.sock" } }),
    );
    expect(error.details).toEqual(["unix:///nonexistent/engine.sock (DOCKER_HOST): there is no socket"]);
  });
});
