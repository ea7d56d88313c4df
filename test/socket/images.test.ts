import { describe, expect, test } from "bun:test";
import { findImage, pullImage, removeImage, tagImage } from "../../src/engine/images.ts";
import { failureOf } from "../support/failure.ts";
import { always, startFakeDaemon } from "../support/fake-daemon.ts";

const id = `sha256:${"a".repeat(64)}`;

describe("findImage()", () => {
  test("gives what decides about an image", async () => {
    const image = {
      Id: id,
      Created: "2026-01-01T00:00:00Z",
      Architecture: "arm64",
      Config: { Labels: { a: "b" } },
    };
    await using daemon = await startFakeDaemon(always(200, image));
    expect(await findImage(daemon.engine, "ghcr.io/o/i:1")).toEqual({
      id,
      created: "2026-01-01T00:00:00Z",
      architecture: "arm64",
      labels: { a: "b" },
    });
    expect(daemon.requests[0]?.path).toBe("/v1.41/images/ghcr.io/o/i%3A1/json");
  });

  test.each([null, {}, { Labels: null }])("takes no labels in %j as none", async (Config) => {
    await using daemon = await startFakeDaemon(always(200, { Id: id, Config }));
    expect((await findImage(daemon.engine, "i"))?.labels).toEqual({});
  });

  test("gives nothing for an image that is not there, and fails on anything else", async () => {
    await using missing = await startFakeDaemon(always(404, { message: "No such image: i" }));
    expect(await findImage(missing.engine, "i")).toBeUndefined();
    await using broken = await startFakeDaemon(always(400, { message: "invalid reference format" }));
    const error = await failureOf(findImage(broken.engine, "I\u001b"));
    expect(error.message).toBe('Cannot look at image "I\\x1b": invalid reference format');
  });

  test("cannot be led to another path by a name", async () => {
    await using daemon = await startFakeDaemon(always(404));
    await findImage(daemon.engine, "i?all=1#x y%2e");
    expect(daemon.requests[0]?.path).toBe("/v1.41/images/i%3Fall%3D1%23x%20y%252e/json");
  });
});

describe("pullImage()", () => {
  test.each([
    ["node", "node:latest"],
    ["ghcr.io:5000/o/i", "ghcr.io:5000/o/i:latest"],
    ["node:22", "node:22"],
    [`o/i@${id}`, `o/i@${id}`],
  ])("fetches %s as %s, never all tags", async (reference, fetched) => {
    await using daemon = await startFakeDaemon(
      always(200, '{"status":"Pulling\\u001b[2J"}\r\n{"status":"Pulling fs layer","id":"l1"}\r\n'),
    );
    const lines: string[] = [];
    await pullImage(daemon.engine, reference, (line) => lines.push(line));
    expect(daemon.requests[0]?.query.get("fromImage")).toBe(fetched);
    expect(lines).toEqual(["Pulling\\x1b[2J"]);
  });

  test("fails on an error in the stream, although the status is 200", async () => {
    const stream = '{"status":"Pulling"}\r\n{"errorDetail":{"message":"no"},"error":"manifest unknown"}\r\n';
    await using daemon = await startFakeDaemon(always(200, stream));
    const error = await failureOf(pullImage(daemon.engine, "node:22", () => undefined));
    expect(error.message).toBe('Cannot fetch image "node:22": manifest unknown');
    expect(error.hint).toContain("docker pull node:22");
  });

  test("says to look at the network where a registry that is out of reach is a status of the engine's", async () => {
    const state = 'Get "https://registry.test/v2/": dial tcp: connect: network is unreachable';
    await using daemon = await startFakeDaemon(always(500, { message: state }));
    const error = await failureOf(pullImage(daemon.engine, "node:22", () => undefined));
    expect(error.message).toBe(`Cannot fetch image "node:22": ${state}`);
    expect(error.hint).toContain("docker pull node:22");
  });
});

describe("removeImage() and tagImage()", () => {
  test("say what is to be done, and an image that is gone is fine", async () => {
    await using daemon = await startFakeDaemon(always(404, { message: "No such image" }));
    await removeImage(daemon.engine, "i:1");
    const error = await failureOf(tagImage(daemon.engine, "i:1", "o/j", "2"));
    expect(error.message).toBe('Cannot tag image "i:1": No such image');
    expect(daemon.requests.map((request) => `${request.method} ${request.path}?${request.query}`)).toEqual([
      "DELETE /v1.41/images/i%3A1?",
      "POST /v1.41/images/i%3A1/tag?repo=o%2Fj&tag=2",
    ]);
  });
});
