import type { GateEventBody } from "../../../../src/protocol/gate-events.ts";
import { afterEach, expect, test } from "bun:test";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { watchFilter } from "../../../../src/sidecar/gate/filter-watch.ts";
import { throughPipelock } from "../../../../src/sidecar/gate/through-pipelock.ts";

const healthy = { status: "healthy", mode: "strict", forward_proxy_enabled: true, version: "2.3.0" };
const target = { host: "a.test", port: 443, isPrivate: false };
let server: Server | undefined;

afterEach(() => void server?.close());

test("a filter that says something wrong is lost at once, and is believed again only when it says the right thing", async () => {
  let answer: object = healthy;
  const port = await listen(() => JSON.stringify(answer));
  const { events, step, watch } = begin(port);
  await step();
  expect([watch.isHealthy(), events]).toEqual([true, []]);
  answer = { ...healthy, mode: "balanced" };
  await step();
  expect(watch.isHealthy()).toBe(false);
  expect(events).toMatchObject([
    { event: "filter", state: "lost", problem: expect.stringContaining("balanced") },
  ]);
  await step();
  expect(events).toHaveLength(1);
  answer = healthy;
  await step();
  expect(watch.isHealthy()).toBe(true);
  expect(events.at(-1)).toEqual({ event: "filter", state: "healthy" });
});

test("nothing passes while it is lost, not even to a port that answers", async () => {
  const port = await listen(() => "");
  const { watch, events } = begin(port);
  watch.reportLoss("a test says so");
  await expect(throughPipelock(port, watch)(target)).rejects.toMatchObject({ code: "filter", status: 503 });
  expect(events).toHaveLength(1);
});

test("an attempt that finds nobody says so at once", async () => {
  const port = await listen(() => "");
  await new Promise((resolve) => server?.close(resolve));
  const { watch, events } = begin(port);
  await expect(throughPipelock(port, watch)(target)).rejects.toMatchObject({ code: "filter", status: 503 });
  expect(watch.isHealthy()).toBe(false);
  expect(events).toMatchObject([{ state: "lost", problem: "nobody answers at its port" }]);
});

async function listen(answer: () => string): Promise<number> {
  server = createServer((_request, response) => response.end(answer()));
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A watch whose pauses end when the test says so; `step` resolves when the answer has been judged. */
function begin(port: number) {
  const events: GateEventBody[] = [];
  let pauses = Promise.withResolvers<() => void>();
  const pause = () =>
    new Promise<void>((resolve) => {
      pauses.resolve(resolve);
    });
  const watch = watchFilter({ port, emit: (event) => void events.push(event), pause });
  const step = async () => {
    const go = await pauses.promise;
    pauses = Promise.withResolvers();
    go();
    await pauses.promise;
  };
  return { watch, events, step };
}
