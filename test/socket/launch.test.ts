import { describe, expect, test } from "bun:test";
import { launchBottle } from "../support/docker-platform.ts";
import type { LaunchContext } from "../support/docker-platform.ts";
import type { LaunchOptions } from "../../src/bottle/bottle.ts";
import { BottleError } from "../../src/core/error.ts";
import { Secret } from "../../src/core/secret.ts";
import { startEchoDaemon } from "../support/echo-daemon.ts";
import { renderReply, streamHead } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";
import { aPlan } from "../support/manifests.ts";
import { quietTerminal } from "../support/egress-bottle.ts";

const nothing = () => undefined;
const plan = aPlan({
  hasTerminal: false,
  egress: { filter: "builtin", pipelockImage: undefined, destinations: [] },
});

function launchOptions(signal = new AbortController().signal): LaunchOptions {
  return {
    plan,
    grants: { env: [], token: { kind: "oauth", value: new Secret("t") }, sshKeys: [] },
    files: { skills: [], workspace: undefined, sshPublicKeys: [] },
    terminal: quietTerminal,
    progress: { step: nothing, detail: nothing, done: nothing },
    signal,
  };
}

const context: LaunchContext = {
  labels: { owner: { bootId: "b", pid: 1, startTime: "1" }, version: "0", extra: {} },
  image: "image",
  imageId: "sha256:image",
  sidecarImage: "image",
  filterVersion: "2.3.0",
  runtime: undefined,
  serviceImages: new Map(),
  hostRoutes: [],
  securityOptions: [],
  seed: 1,
  endProcesses: () => Promise.resolve([]),
};

describe("launchBottle()", () => {
  test("brings a bottle up on an engine that does what it is asked, and removes it", async () => {
    await using daemon = await startEchoDaemon();
    const bottle = await launchBottle(daemon.engine, launchOptions(), context);
    expect(await bottle.destroy()).toEqual([]);
  });

  test("tries no other range while something of the last try could not be removed, and says what it is", async () => {
    let creates = 0;
    await using daemon = await startEchoDaemon((asked, connection) => {
      if (asked === "POST /networks/create") {
        creates += 1;
        return connection.send(renderReply(403, { message: "Pool overlaps with other one" }));
      }
      if (asked === "DELETE /containers/claude-bottle-helper-k3f9q2-gate")
        return connection.send(renderReply(501, { message: "the driver is stuck" }));
      return undefined;
    });
    const error = await failureOf(launchBottle(daemon.engine, launchOptions(), context));
    expect(error.message).toStartWith("Cannot find an address range");
    expect(error.leavesBehind).toBe(true);
    expect(error.details.join("\n")).toContain("docker rm -f claude-bottle-helper-k3f9q2-gate");
    expect(creates).toBe(1);
  });

  test("a signal that comes at the very last step ends the launch, and nobody follows the events any more", async () => {
    const controller = new AbortController();
    const reason = new BottleError({
      code: "aborted",
      message: "Cannot go on: a signal came",
      exitCode: 143,
    });
    const unfollowed = Promise.withResolvers<void>();
    await using daemon = await startEchoDaemon((asked, connection) => {
      if (asked !== "GET /events") return undefined;
      void connection.closed.then(unfollowed.resolve);
      controller.abort(reason);
      return connection.send(streamHead);
    });
    const launched = launchBottle(daemon.engine, launchOptions(controller.signal), context);
    expect(await failureOf(launched)).toBe(reason);
    await unfollowed.promise;
    const removed = daemon.requests.filter(({ method }) => method === "DELETE").map(({ path }) => path);
    expect(removed).toContain("/v1.41/containers/claude-bottle-helper-k3f9q2");
  });
});
