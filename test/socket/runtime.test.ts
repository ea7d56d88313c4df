import { expect, test } from "bun:test";
import { probeRuntime } from "../../src/bottle/docker/runtime.ts";
import type { ProbeResult } from "../../src/protocol/probe-result.ts";
import { renderChunk, renderReply, startFakeDaemon, streamHead } from "../support/fake-daemon.ts";
import type { Connection } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";

type Answer = string | ((connection: Connection) => unknown);

const info = {
  ID: "e",
  ServerVersion: "28",
  KernelVersion: "6",
  DefaultRuntime: "runc",
  Runtimes: { runsc: {} },
};
const ended = (code: number) => async (connection: Connection) => {
  await connection.send(streamHead);
  await connection.send(renderChunk(JSON.stringify({ StatusCode: code })));
  await connection.send(renderChunk(""));
};

/** Probes on an engine that does well but for what is given, and tells what was remembered. */
async function probe(differences: Readonly<Record<string, Answer>>) {
  const answers: Readonly<Record<string, Answer>> = {
    info: renderReply(200, info),
    create: renderReply(201, { Id: "c1", Warnings: [] }),
    wait: ended(0),
    start: renderReply(204),
    probe: renderReply(204),
    ...differences,
  };
  await using daemon = await startFakeDaemon(async (connection, { path }) => {
    const answer = answers[path.slice(path.lastIndexOf("/") + 1)] ?? renderReply(500);
    if (typeof answer === "string") await connection.send(answer);
    else await answer(connection);
    connection.end();
  });
  const remembered: ProbeResult[] = [];
  const cache = {
    read: () => Promise.resolve(undefined),
    write: async (_key: string, result: ProbeResult) => void remembered.push(result),
  };
  const ids: string[] = [];
  const outcome = probeRuntime(daemon.engine, cache, {
    image: "i",
    name: "probe",
    labels: {},
    endProcesses: async (id) => {
      ids.push(id);
      return [];
    },
  });
  const settled = await Promise.allSettled([outcome]);
  const removed = daemon.requests.filter(({ method }) => method === "DELETE").length;
  return { outcome, settled: settled[0], remembered, ids, removed };
}

test("a container that starts and ends well is remembered, and gVisor is used", async () => {
  const { settled, remembered, ids, removed } = await probe({});
  expect(settled).toMatchObject({ value: { name: "runsc", state: "ready" } });
  expect(remembered).toEqual([{ starts: true }]);
  expect([ids, removed]).toEqual([[], 1]);
});

test("a start that the engine refuses and an end with an error are remembered as a gVisor that does not start", async () => {
  const refused = await probe({ start: renderReply(500, { message: "cannot create sandbox" }) });
  expect(refused.settled).toMatchObject({ value: { name: undefined } });
  expect(refused.remembered).toEqual([
    { starts: false, problem: 'Cannot start container "probe": cannot create sandbox' },
  ]);
  const failed = await probe({ wait: ended(2) });
  expect(failed.remembered).toEqual([{ starts: false, problem: "a probe container ended with 2" }]);
  expect([refused.ids, failed.ids]).toEqual([["c1"], ["c1"]]);
});

test.each([
  ["a name that is taken", { create: renderReply(409, { message: "the name is in use" }) }],
  ["a connection that breaks before the start is answered", { start: (one: Connection) => one.terminate() }],
  ["an engine that is lost while the probe runs", { wait: (one: Connection) => one.send(streamHead) }],
])("%s says nothing about gVisor: it is an error, and nothing is remembered", async (_name, differences) => {
  const { outcome, remembered, removed } = await probe(differences);
  expect(["engine-refused", "engine-unreachable"]).toContain((await failureOf(outcome)).code);
  expect(remembered).toEqual([]);
  expect(removed).toBe(1);
});
