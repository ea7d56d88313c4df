/** The lifeline of a container: put in place again where a program within has ended it, and not without end. */
import { expect, test } from "bun:test";
import { keepLifeline } from "../../src/bottle/agent/lifeline.ts";
import { makePart } from "../../src/bottle/docker/part.ts";
import { renderReply, startFakeDaemon, upgradeHead } from "../support/fake-daemon.ts";
import type { Connection } from "../support/fake-daemon.ts";

/** A container that runs for so many looks; `held` are the open lifelines, in order. */
async function startContainer(runsForLooks: number) {
  const held: Connection[] = [];
  const execs: { readonly Cmd: readonly string[]; readonly AttachStdin: boolean; readonly Tty: boolean }[] =
    [];
  let looks = 0;
  const daemon = await startFakeDaemon(async (connection, { path, body }) => {
    if (path.endsWith("/start")) {
      held.push(connection);
      return connection.send(upgradeHead);
    }
    if (path.endsWith("/exec")) execs.push(JSON.parse(body.toString()));
    else looks += 1;
    const State = { Running: looks <= runsForLooks, ExitCode: 0, OOMKilled: false };
    await connection.send(
      path.endsWith("/exec")
        ? renderReply(201, { Id: "e" })
        : renderReply(200, { Config: { Tty: false }, State }),
    );
    connection.end();
  });
  const until = async (holds: () => boolean) => {
    while (!holds()) await Bun.sleep(5);
  };
  return {
    part: makePart(daemon.engine, "c", { role: "agent", isRunning: true }),
    held,
    execs,
    until,
    looks: () => looks,
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

test("is there when it is kept, with a stdin that only its launcher holds, and kills all when that ends", async () => {
  await using container = await startContainer(1);
  await keepLifeline(container.part);
  expect(container.held).toHaveLength(1);
  const [exec] = container.execs;
  expect(exec).toMatchObject({ AttachStdin: true, Tty: false });
  expect(exec?.Cmd.slice(0, 2)).toEqual(["/bin/sh", "-c"]);
  const lines = exec?.Cmd[2]?.split("\n") ?? [];
  expect([lines[0], lines.at(-1)]).toEqual(["read -r _", "kill -s KILL -- -1"]);
});

test("is put in place again as long as the container runs, and not in one that has ended", async () => {
  await using container = await startContainer(2);
  await keepLifeline(container.part);
  container.held[0]?.end();
  await container.until(() => container.held.length === 2);
  // One that is cut is gone as well
  container.held[1]?.terminate();
  await container.until(() => container.held.length === 3);
  container.held[2]?.end();
  await container.until(() => container.looks() === 3);
  await Bun.sleep(1_500);
  expect([container.held.length, container.looks()]).toEqual([3, 3]);
}, 30_000);

test("is put in place ten times more and no oftener, where something ends it again and again", async () => {
  await using container = await startContainer(Infinity);
  await keepLifeline(container.part);
  for (let count = 1; count <= 10; count += 1) {
    container.held[count - 1]?.end();
    await container.until(() => container.held.length === count + 1);
  }
  container.held[10]?.end();
  await Bun.sleep(1_500);
  expect(container.held).toHaveLength(11);
}, 60_000);
