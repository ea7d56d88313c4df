import { expect, test } from "bun:test";
import { imageUser } from "../../src/bottle/platform/agent-user.ts";
import { createWorkVolumes } from "../../src/bottle/docker/work-volumes.ts";
import { makeNames } from "../../src/bottle/docker/labels.ts";
import { Scope } from "../../src/core/scope.ts";
import { renderReply, startFakeDaemon } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";
import { aPlan } from "../support/manifests.ts";

test("a volume that cannot be made does not have the other one removed before it is there", async () => {
  const steps: string[] = [];
  const kept = Promise.withResolvers<void>();
  await using daemon = await startFakeDaemon(async (connection, { method, path, body }) => {
    const name = method === "POST" ? JSON.parse(body.toString()).Name : path.replace(/.*\//, "");
    if (method === "POST" && name.endsWith("-work")) {
      await connection.send(renderReply(500, { message: "no space left on device" }));
      // Time enough for whoever would not wait
      await Bun.sleep(50);
      kept.resolve();
      return;
    }
    if (method === "POST") await kept.promise;
    steps.push(`${method} ${name}`);
    await connection.send(renderReply(204));
  });
  const scope = new Scope();
  const request = {
    names: makeNames(aPlan()),
    labels: () => ({}),
    image: "i",
    runtime: undefined,
    user: imageUser,
  };
  const error = await failureOf(createWorkVolumes(daemon.engine, request, scope));
  expect(error.message).toContain("no space left");
  expect(await scope.close()).toEqual([]);
  const name = "claude-bottle-helper-k3f9q2-kept";
  expect(steps.filter((step) => step.endsWith(name))).toEqual([`POST ${name}`, `DELETE ${name}`]);
});
