import { describe, expect, test } from "bun:test";
import { openEvents, readInfo, readVersion } from "../../src/engine/system.ts";
import { createMemoryVolume, listVolumes, removeVolume } from "../../src/engine/volumes.ts";
import { failureOf } from "../support/failure.ts";
import { always, renderChunk, startFakeDaemon, streamHead } from "../support/fake-daemon.ts";

describe("readInfo() and readVersion()", () => {
  test("fill in what an engine leaves out", async () => {
    await using daemon = await startFakeDaemon(always(200, { ID: "x", NCPU: 2 }));
    expect(await readInfo(daemon.engine)).toEqual({
      ID: "x",
      ServerVersion: "unknown",
      KernelVersion: "unknown",
      OperatingSystem: "unknown",
      DefaultRuntime: "runc",
      Runtimes: {},
      SecurityOptions: [],
      NCPU: 2,
      MemTotal: 0,
      DockerRootDir: "",
      MemoryLimit: true,
      PidsLimit: true,
      BridgeNfIptables: false,
    });
    expect(await readVersion(daemon.engine)).toEqual({ Version: "unknown", Components: [], Platform: {} });
  });
});

describe("openEvents()", () => {
  test("gives events as they come, and an error when the engine is lost", async () => {
    const event = { Type: "container", Action: "die", Actor: { ID: "c", Attributes: { exitCode: "1" } } };
    const heard = Promise.withResolvers<void>();
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(streamHead);
      const line = Buffer.from(`${JSON.stringify(event)}\n`);
      await connection.send(renderChunk(line.subarray(0, 20)));
      await connection.send(renderChunk(line.subarray(20)));
      await heard.promise;
      connection.terminate();
    });
    const seen: unknown[] = [];
    const follow = async () => {
      for await (const one of await openEvents(daemon.engine, { event: ["die"], label: ["a=b"] })) {
        seen.push(one);
        heard.resolve();
      }
    };
    const error = await failureOf(follow());
    expect(error.message).toBe("Cannot follow the engine's events: the connection was closed");
    expect(seen).toEqual([event]);
    expect(daemon.requests[0]?.query.get("filters")).toBe('{"event":["die"],"label":["a=b"]}');
  });

  test("end with the caller's reason", async () => {
    await using daemon = await startFakeDaemon((connection) => connection.send(streamHead));
    const controller = new AbortController();
    const events = await openEvents(daemon.engine, {}, controller.signal);
    const reason = new Error("session over");
    const next = events[Symbol.asyncIterator]()
      .next()
      .catch((error: unknown) => error);
    controller.abort(reason);
    expect(await next).toBe(reason);
  });
});

describe("volumes", () => {
  test("live in memory", async () => {
    await using daemon = await startFakeDaemon(always(201, { Name: "v" }));
    await createMemoryVolume(daemon.engine, { name: "v", options: "size=1m", labels: { a: "b" } });
    expect(JSON.parse(daemon.requests[0]?.body.toString() ?? "")).toEqual({
      Name: "v",
      Driver: "local",
      DriverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" },
      Labels: { a: "b" },
    });
  });

  test("that are gone are removed, others are not", async () => {
    await using missing = await startFakeDaemon(always(404, { message: "no such volume" }));
    await removeVolume(missing.engine, "v");
    await using busy = await startFakeDaemon(always(409, { message: "volume is in use" }));
    expect((await failureOf(removeVolume(busy.engine, "v"))).message).toBe(
      'Cannot remove volume "v": volume is in use',
    );
  });

  test("are listed, none being null in the engine's words", async () => {
    await using none = await startFakeDaemon(always(200, { Volumes: null }));
    expect(await listVolumes(none.engine, ["a"])).toEqual([]);
    await using one = await startFakeDaemon(always(200, { Volumes: [{ Name: "v", Labels: null }] }));
    expect(await listVolumes(one.engine, ["a"])).toEqual([{ name: "v", labels: {} }]);
  });
});
