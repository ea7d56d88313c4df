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
  daemon.requests.map(({ method, path, query }) =>
    [`${method} ${path.replace(/^\/v[\d.]+/, "")}`, ...query.values()].join(" "),
  );

describe("killContainer()", () => {
  test.each([
    [204, ""],
    [404, { message: "No such container: c" }],
    [409, { message: "Container c is not running" }],
  ])("is content with %d", async (status, body) => {
    await using daemon = await startFakeDaemon(always(status, body));
    await killContainer(daemon.engine, "c");
    expect(asked(daemon)).toEqual(["POST /containers/c/kill SIGKILL"]);
  });

  test("tells of anything else, and does not kill twice", async () => {
    await using daemon = await startFakeDaemon(always(500, { message: "cannot kill" }));
    const error = await failureOf(killContainer(daemon.engine, "c"));
    expect(error.message).toBe('Cannot kill container "c": cannot kill');
    expect(daemon.requests).toHaveLength(1);
  });
});

describe("endSidecar()", () => {
  const settled = { gateSettled: async () => undefined, isAside: false };
  const networks = (egressId: Promise<string>) => ({ egressId }) as BottleNetworks;

  test("takes the way out away and asks the gate to end before anything else, and then ends both programs", async () => {
    const heard: string[] = [];
    await using daemon = await startFakeDaemon(always(204));
    await endSidecar(daemon.engine, names, networks(Promise.resolve("n1")), {
      isAside: false,
      gateSettled: async () => void heard.push(...asked(daemon)),
    });
    const first = asked(daemon).slice(0, 2);
    expect(first.toSorted()).toEqual([
      `POST /containers/${names.gate}/kill SIGTERM`,
      "POST /networks/n1/disconnect",
    ]);
    const disconnect = daemon.requests.find(({ path }) => path.endsWith("/disconnect"));
    expect(JSON.parse(disconnect?.body.toString() ?? "")).toEqual({ Container: names.gate, Force: true });
    // What the gate has to tell is waited for, and then it is gone by force
    expect(heard).not.toContain(`POST /containers/${names.gate}/kill SIGKILL`);
    expect(asked(daemon).slice(2).toSorted()).toEqual([
      "DELETE /networks/n1",
      `POST /containers/${names.gate}/kill SIGKILL`,
      `POST /containers/${names.pipelock}/kill SIGKILL`,
    ]);
  });

  test("only asks the gate to end where work is collected meanwhile: its last words are not held up", async () => {
    await using daemon = await startFakeDaemon(always(204));
    const end = { ...settled, isAside: true };
    await endSidecar(daemon.engine, names, networks(Promise.resolve("n1")), end);
    expect(asked(daemon)).toEqual([`POST /containers/${names.gate}/kill SIGTERM`]);
  });

  test("a sidecar that has ended and has no pipelock is ended", async () => {
    await using daemon = await startFakeDaemon(async (connection, { path }) => {
      await connection.send(
        renderReply(path.endsWith("/kill") ? 404 : 204, { message: "No such container" }),
      );
      connection.end();
    });
    await endSidecar(daemon.engine, names, networks(Promise.resolve("n1")), settled);
    expect(daemon.requests).toHaveLength(5);
  });

  test("begins nothing where the way out was never made, or cannot be taken away: the undoing does it all", async () => {
    await using daemon = await startFakeDaemon(always(500, { message: "stuck" }));
    const never = endSidecar(
      daemon.engine,
      names,
      networks(Promise.reject(new Error("never made"))),
      settled,
    );
    await expect(never).rejects.toThrow("never made");
    expect(daemon.requests).toHaveLength(0);
    await failureOf(endSidecar(daemon.engine, names, networks(Promise.resolve("n1")), settled));
    expect(asked(daemon)).not.toContain("DELETE /networks/n1");
  });
});
