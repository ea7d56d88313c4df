import { describe, expect, test } from "bun:test";
import {
  attachContainer,
  createContainer,
  inspectContainer,
  killAndRemoveContainer,
  listContainers,
  openWait,
  readLogs,
  resizeContainer,
  startContainer,
  stopContainer,
} from "../../src/engine/containers.ts";
import { readContainerFile } from "../../src/engine/container-file.ts";
import { putArchive } from "../../src/engine/put-archive.ts";
import { demultiplex } from "../../src/engine/frames.ts";
import { failureOf } from "../support/failure.ts";
import {
  always,
  renderChunk,
  renderFrame,
  renderReply,
  startFakeDaemon,
  streamHead,
  upgradeHead,
} from "../support/fake-daemon.ts";
import type { FakeDaemon } from "../support/fake-daemon.ts";

function asked(daemon: FakeDaemon): string[] {
  return daemon.requests.map(
    ({ method, path, query }) => `${method} ${path}${query.size > 0 ? `?${query}` : ""}`,
  );
}

describe("createContainer()", () => {
  test("sends the configuration as it is and gives id and warnings", async () => {
    await using daemon = await startFakeDaemon(always(201, { Id: "c1", Warnings: ["no swap limit"] }));
    const config = { Image: "i", Tty: true, HostConfig: { CapDrop: ["ALL"] } };
    expect(await createContainer(daemon.engine, "name", config)).toEqual({ id: "c1" });
    expect(asked(daemon)).toEqual(["POST /v1.41/containers/create?name=name"]);
    expect(JSON.parse(daemon.requests[0]?.body.toString() ?? "")).toEqual(config);
  });
});

describe("stopContainer()", () => {
  test.each([204, 304])("is content with %d: it does not run any more", async (status) => {
    await using daemon = await startFakeDaemon(always(status, ""));
    await stopContainer(daemon.engine, "c");
    expect(asked(daemon)).toEqual(["POST /v1.41/containers/c/stop?t=0"]);
  });

  test("says what keeps it", async () => {
    await using daemon = await startFakeDaemon(always(404, { message: "No such container: c" }));
    expect((await failureOf(stopContainer(daemon.engine, "c"))).message).toContain("No such container: c");
  });
});

describe("readContainerFile()", () => {
  test("asks for the path that is meant, and reads the file of its last part", async () => {
    const path = "/run/a b&c=d/state.json";
    const tar = Buffer.from(await new Bun.Archive({ "state.json": "{}", other: "x" }).bytes());
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(
        `HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\nContent-Length: ${tar.length}\r\n\r\n`,
      );
      await connection.send(tar);
    });
    expect(await readContainerFile(daemon.engine, "c", path)).toBe("{}");
    expect(daemon.requests[0]?.query.get("path")).toBe(path);
  });
});

describe("killAndRemoveContainer()", () => {
  test.each([
    [204, ""],
    [404, { message: "No such container: c" }],
  ])("is content with %d", async (status, body) => {
    await using daemon = await startFakeDaemon(always(status, body));
    await killAndRemoveContainer(daemon.engine, "c");
    expect(asked(daemon)).toEqual(["DELETE /v1.41/containers/c?force=true&v=true"]);
  });

  test.each([200, 404])(
    "waits for a removal that is already in progress, until the engine says %d",
    async (status) => {
      const asked: string[] = [];
      const gone = Promise.withResolvers<void>();
      await using daemon = await startFakeDaemon(async (connection, { method, path, query }) => {
        asked.push(`${method} ${path}?${query.toString()}`);
        if (method === "DELETE") {
          const message = "removal of container c is already in progress";
          return connection.send(renderReply(409, { message }));
        }
        await gone.promise;
        return connection.send(renderReply(status, { StatusCode: 0, message: "No such container: c" }));
      });
      let isOver = false;
      const removal = killAndRemoveContainer(daemon.engine, "c").then(() => (isOver = true));
      while (asked.length < 2) await Bun.sleep(5);
      expect(asked[1]).toBe("POST /v1.41/containers/c/wait?condition=removed");
      expect(isOver).toBe(false);
      gone.resolve();
      await removal;
    },
  );

  test.each([
    [409, "container is in a strange state"],
    [500, "driver failed to remove root filesystem"],
  ])("is not content with %d for another reason", async (status, message) => {
    await using daemon = await startFakeDaemon(always(status, { message }));
    const error = await failureOf(killAndRemoveContainer(daemon.engine, "c"));
    expect(error.message).toBe(`Cannot remove container "c": ${message}`);
  });
});

describe("openWait()", () => {
  test("returns when the engine has taken note, and then gives the exit code", async () => {
    const exits = Promise.withResolvers<void>();
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(streamHead);
      await exits.promise;
      await connection.send(renderChunk('{"StatusCode":137,"Error":null}\n'));
      await connection.send(renderChunk(""));
    });
    const wait = await openWait(daemon.engine, "c");
    exits.resolve();
    expect(await wait.exit).toBe(137);
    expect(asked(daemon)).toEqual(["POST /v1.41/containers/c/wait?condition=next-exit"]);
  });

  test.each([
    ["is cut off", true, ""],
    ["ends properly without a code", false, ""],
    ["ends in the middle of the code's line", true, '{"Status'],
  ])("says that the engine was lost when the answer %s", async (_name, isCut, sent) => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(streamHead);
      if (sent) await connection.send(renderChunk(sent));
      if (!isCut) await connection.send(renderChunk(""));
      connection.end();
    });
    const wait = await openWait(daemon.engine, "c");
    const error = await failureOf(wait.exit);
    expect(error.code).toBe("engine-unreachable");
    expect(error.message).toStartWith('Cannot wait for container "c": the connection');
  });

  test("lets a lost engine pass when nobody asks for the exit any more", async () => {
    const lost = Promise.withResolvers<void>();
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(streamHead);
      connection.terminate();
      await connection.closed;
      lost.resolve();
    });
    await openWait(daemon.engine, "c");
    await lost.promise;
    // An unhandled rejection would fail this test
    await Bun.sleep(0);
  });
});

describe("readLogs()", () => {
  test("gives the bytes as they come", async () => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(streamHead);
      await connection.send(renderChunk(renderFrame("stdout", "one\n")));
      await connection.send(renderChunk(""));
    });
    const texts: string[] = [];
    for await (const frame of demultiplex(readLogs(daemon.engine, "c", { follow: true }))) {
      texts.push(Buffer.from(frame.data).toString());
    }
    expect(texts.join("")).toBe("one\n");
    expect(asked(daemon)).toEqual(["GET /v1.41/containers/c/logs?stdout=true&stderr=true&follow=true"]);
  });

  test("closes the connection when the reader has seen enough", async () => {
    const left = Promise.withResolvers<void>();
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(streamHead);
      await connection.send(renderChunk(renderFrame("stdout", "one\n")));
      await connection.closed;
      left.resolve();
    });
    for await (const _frame of demultiplex(readLogs(daemon.engine, "c", { follow: true }))) break;
    await left.promise;
  });

  test("fails when the engine is lost", async () => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(streamHead);
      await connection.send(renderChunk("x"));
      connection.terminate();
    });
    const read = async () => {
      for await (const _chunk of readLogs(daemon.engine, "c", { follow: true }));
    };
    expect((await failureOf(read())).message).toBe('Cannot read the log of "c": the connection was closed');
  });
});

describe("other calls on containers", () => {
  test("name the container and say what they ask", async () => {
    await using daemon = await startFakeDaemon(always(200, []));
    await startContainer(daemon.engine, "c");
    await resizeContainer(daemon.engine, "c", 120, 40);
    await putArchive(daemon.engine, "c", "/run", new Uint8Array([7]));
    await listContainers(daemon.engine, ["a", "b=c"]);
    await inspectContainer(daemon.engine, "c");
    expect(asked(daemon)).toEqual([
      "POST /v1.41/containers/c/start",
      "POST /v1.41/containers/c/resize?w=120&h=40",
      "PUT /v1.41/containers/c/archive?path=%2Frun&noOverwriteDirNonDir=true",
      `GET /v1.41/containers/json?all=true&filters=${new URLSearchParams({ f: '{"label":["a","b=c"]}' }).toString().slice(2)}`,
      "GET /v1.41/containers/c/json",
    ]);
    expect(daemon.requests[2]?.body).toEqual(Buffer.from([7]));
  });

  test("attach with the keys that detach", async () => {
    await using daemon = await startFakeDaemon((connection) => connection.send(upgradeHead));
    const stream = await attachContainer(daemon.engine, "c", {
      stdin: true,
      stdout: true,
      stderr: false,
      detachKeys: "ctrl-^",
    });
    stream.destroy();
    expect(asked(daemon)).toEqual([
      "POST /v1.41/containers/c/attach?stream=true&stdin=true&stdout=true&stderr=false&detachKeys=ctrl-%5E",
    ]);
  });
});
