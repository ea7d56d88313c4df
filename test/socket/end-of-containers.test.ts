import { describe, expect, test } from "bun:test";
import { endSidecar } from "../../src/bottle/docker/end-sidecar.ts";
import { makeNames } from "../../src/bottle/docker/labels.ts";
import type { BottleNetworks } from "../../src/bottle/docker/networks.ts";
import { killContainer } from "../../src/engine/kill-container.ts";
import { always, renderReply, startFakeDaemon } from "../support/fake-daemon.ts";
import type { FakeDaemon } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";
import { aPlan } from "../support/manifests.ts";

const names = makeNames(aPlan());
const asked = (daemon: FakeDaemon) =>
  daemon.requests.map(({ method, path }) => `${method} ${path.replace(/^\/v[\d.]+/, "")}`);

describe("killContainer()", () => {
  test.each([
    [204, ""],
    [404, { message: "No such container: c" }],
    [409, { message: "Container c is not running" }],
  ])("is content with %d", async (status, body) => {
    await using daemon = await startFakeDaemon(always(status, body));
    await killContainer(daemon.engine, "c");
    expect(asked(daemon)).toEqual(["POST /containers/c/kill"]);
  });

  test("tells of anything else, and does not kill twice", async () => {
    await using daemon = await startFakeDaemon(always(500, { message: "cannot kill" }));
    const error = await failureOf(killContainer(daemon.engine, "c"));
    expect(error.message).toBe('Cannot kill container "c": cannot kill');
    expect(daemon.requests).toHaveLength(1);
  });
});

describe("endSidecar()", () => {
  const networks = (egressId: Promise<string>) => ({ egressId }) as BottleNetworks;

  test("takes the way out away before anything else, and then ends both programs", async () => {
    await using daemon = await startFakeDaemon(always(204));
    await endSidecar(daemon.engine, names, networks(Promise.resolve("n1")));
    const [first, ...others] = asked(daemon);
    expect(first).toBe("POST /networks/n1/disconnect");
    expect(JSON.parse(daemon.requests[0]?.body.toString() ?? "")).toEqual({
      Container: names.gate,
      Force: true,
    });
    expect(others.toSorted()).toEqual([
      "DELETE /networks/n1",
      `POST /containers/${names.gate}/kill`,
      `POST /containers/${names.pipelock}/kill`,
    ]);
  });

  test("a sidecar that has ended and has no pipelock is ended", async () => {
    await using daemon = await startFakeDaemon(async (connection, { path }) => {
      await connection.send(
        renderReply(path.endsWith("/kill") ? 404 : 204, { message: "No such container" }),
      );
      connection.end();
    });
    await endSidecar(daemon.engine, names, networks(Promise.resolve("n1")));
    expect(daemon.requests).toHaveLength(4);
  });

  test("begins nothing where the way out was never made, or cannot be taken away: the undoing does it all", async () => {
    await using daemon = await startFakeDaemon(always(500, { message: "stuck" }));
    const never = endSidecar(daemon.engine, names, networks(Promise.reject(new Error("never made"))));
    await expect(never).rejects.toThrow("never made");
    expect(daemon.requests).toHaveLength(0);
    await failureOf(endSidecar(daemon.engine, names, networks(Promise.resolve("n1"))));
    expect(asked(daemon)).toEqual(["POST /networks/n1/disconnect"]);
  });
});
