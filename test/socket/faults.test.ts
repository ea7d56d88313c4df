/** An engine that is slow, broken or talks nonsense: what is tried again, what is not, how long anything is waited for, and what is said. */
import { describe, expect, test } from "bun:test";
import { createContainer, killAndRemoveContainer, startContainer } from "../../src/engine/containers.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createNetwork, removeNetwork } from "../../src/engine/networks.ts";
import { putArchive } from "../../src/engine/put-archive.ts";
import { removeVolume } from "../../src/engine/volumes.ts";
import { failureOf } from "../support/failure.ts";
import { renderChunk, renderReply, startFakeDaemon, streamHead } from "../support/fake-daemon.ts";
import type { Connection, Script } from "../support/fake-daemon.ts";

const faults = {
  "status 500": async (connection: Connection) => {
    await connection.send(renderReply(500, { message: "not well" }));
    connection.end();
  },
  "a connection that breaks": async (connection: Connection) => connection.terminate(),
  "half an answer": async (connection: Connection) => {
    await connection.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"Id":');
    connection.end();
  },
} as const;
const garbage = async (connection: Connection) => {
  await connection.send("\u0000\u0001 this is no HTTP\n".repeat(20));
  connection.end();
};

/** Breaks so many times and answers then. */
function failing(times: number, fault: Script, then: string): Script {
  let count = 0;
  return async (connection, request) => {
    count += 1;
    if (count <= times) return fault(connection, request);
    await connection.send(then);
    connection.end();
  };
}

const creates: readonly (readonly [string, (engine: Engine) => Promise<unknown>])[] = [
  ["a container", (engine) => createContainer(engine, "x", { Image: "i", HostConfig: {} })],
  [
    "a network",
    (engine) =>
      createNetwork(engine, {
        name: "x",
        internal: true,
        subnet: "10.0.0.0/29",
        gateway: "10.0.0.1",
        options: {},
        labels: {},
      }),
  ],
  ["a start", (engine) => startContainer(engine, "x")],
];

describe("a volume that is in use", () => {
  const inUse: Script = async (connection) => {
    await connection.send(renderReply(409, { message: "remove v: volume is in use - [abc]" }));
    connection.end();
  };

  test("is asked for again, since its container may be on its way out", async () => {
    await using daemon = await startFakeDaemon(failing(2, inUse, renderReply(204)));
    await removeVolume(daemon.engine, "v");
    expect(daemon.requests).toHaveLength(3);
  });

  test("is told in the end", async () => {
    await using daemon = await startFakeDaemon(inUse);
    expect((await failureOf(removeVolume(daemon.engine, "v"))).message).toContain("volume is in use");
    expect(daemon.requests).toHaveLength(6);
  });
});

describe("what can be done twice is tried again after", () => {
  test.each(Object.entries(faults))("%s", async (_name, fault) => {
    await using daemon = await startFakeDaemon(failing(2, fault, renderReply(200, { Id: "abc" })));
    expect(await daemon.engine.json<unknown>("GET", "/info")).toEqual({ Id: "abc" });
    expect(daemon.requests).toHaveLength(3);
  });

  test.each([
    ["container", killAndRemoveContainer],
    ["network", removeNetwork],
    ["volume", removeVolume],
  ] as const)("a removal of a %s whose answer is lost, and done is done", async (_kind, remove) => {
    const gone = renderReply(404, { message: "no such object" });
    await using daemon = await startFakeDaemon(failing(1, faults["a connection that breaks"], gone));
    await remove(daemon.engine, "x");
    expect(daemon.requests.map((request) => request.method)).toEqual(["DELETE", "DELETE"]);
  });

  test("and fails with the last of three answers", async () => {
    await using daemon = await startFakeDaemon(failing(9, faults["status 500"], ""));
    const error = await failureOf(daemon.engine.json("GET", "/info", { action: "ask" }));
    expect(error).toMatchObject({ message: "Cannot ask: not well", code: "engine-refused", exitCode: 125 });
    expect(error.hint).toContain("Check the engine");
    expect(daemon.requests).toHaveLength(3);
  });

  test("unless the caller has left meanwhile", async () => {
    const controller = new AbortController();
    const reason = new Error("Ctrl-C");
    await using daemon = await startFakeDaemon((connection) => {
      controller.abort(reason);
      return faults["status 500"](connection);
    });
    const outcome = daemon.engine.json("GET", "/x", { signal: controller.signal });
    expect(await outcome.catch((error: unknown) => error)).toBe(reason);
    expect(daemon.requests).toHaveLength(1);
  });
});

describe("what must not be done twice is sent once:", () => {
  const cases = creates.flatMap(([what, create]) =>
    [...Object.entries(faults), ["garbage", garbage] as const].map(
      ([name, fault]) => [what, name, create, fault] as const,
    ),
  );
  test.each(cases)("%s, after %s", async (what, name, create, fault) => {
    await using daemon = await startFakeDaemon(fault);
    const outcome = create(daemon.engine);
    // A start is done when the engine has said so, whatever becomes of the rest of its answer
    if (what === "a start" && name === "half an answer") await outcome;
    else expect((await failureOf(outcome)).hint).toBeDefined();
    expect(daemon.requests).toHaveLength(1);
  });

  test.each([400, 404, 409, 501])("and neither is a refusal with %d asked for again", async (status) => {
    await using daemon = await startFakeDaemon(
      failing(
        9,
        async (connection) => {
          await connection.send(renderReply(status, { message: "no" }));
          connection.end();
        },
        "",
      ),
    );
    expect(await failureOf(daemon.engine.json("GET", "/x"))).toMatchObject({ status, state: "no" });
    expect(daemon.requests).toHaveLength(1);
  });
});

describe("a limit", () => {
  test("of the answer's beginning does not end what goes on", async () => {
    await using daemon = await startFakeDaemon(async (connection) => {
      await connection.send(streamHead);
      await Bun.sleep(150);
      await connection.send(renderChunk("late"));
      await connection.send(renderChunk(""));
    });
    const response = await daemon.engine.open("GET", "/events", { headTimeoutMs: 50 });
    expect(await response.text()).toBe("late");
  });

  test("of the answer's beginning ends the wait for an engine that hangs, which is not asked again", async () => {
    await using daemon = await startFakeDaemon(() => undefined);
    const error = await failureOf(
      daemon.engine.open("GET", "/events", { action: "follow", headTimeoutMs: 50 }),
    );
    expect(error).toMatchObject({ message: "Cannot follow: no answer within 0.05 s", exitCode: 125 });
    expect(error.hint).toContain("Check the engine");
    expect(daemon.requests).toHaveLength(1);
  });

  test("of an upload ends one of which nothing is taken", async () => {
    await using daemon = await startFakeDaemon(() => undefined);
    const endless = new ReadableStream<Uint8Array>({ start: (output) => output.enqueue(new Uint8Array(9)) });
    const error = await failureOf(putArchive(daemon.engine, "x", "/", endless, 100));
    expect(error).toMatchObject({
      message: 'Cannot copy files into container "x": the engine has taken nothing for 0.1 s',
      code: "engine-unreachable",
    });
  });

  test("of an upload lets one go on that moves", async () => {
    await using daemon = await startFakeDaemon(failing(0, garbage, renderReply(200)));
    let chunks = 0;
    const slow = new ReadableStream<Uint8Array>({
      async pull(output) {
        await Bun.sleep(60);
        if ((chunks += 1) > 5) output.close();
        else output.enqueue(new Uint8Array(1000));
      },
    });
    await putArchive(daemon.engine, "x", "/", slow, 200);
    expect(daemon.requests[0]?.body.length).toBe(5000);
  });
});

test("an engine without space is told as one, with what to do", async () => {
  const words = "mkdir /var/lib/docker/overlay2/x: no space left on device";
  await using daemon = await startFakeDaemon(
    failing(
      9,
      async (connection) => {
        await connection.send(renderReply(500, { message: words }));
        connection.end();
      },
      "",
    ),
  );
  const error = await failureOf(createContainer(daemon.engine, "x", { Image: "i", HostConfig: {} }));
  expect(error.message).toBe(`Cannot create container "x": ${words}`);
  expect(error.hint).toStartWith("Free space where the engine keeps its data");
});
