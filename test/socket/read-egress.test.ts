/** What a reader of a sidecar's log is shown, of an engine whose logs are torn, hostile and end in between. */
import { makeParts } from "../../src/bottle/docker/find-parts.ts";
import type { EgressRecord } from "../../src/protocol/egress-record.ts";
import { expect, test } from "bun:test";
import type { Sidecar } from "../../src/bottle/egress/read-egress.ts";
import { readEgress } from "../../src/bottle/egress/read-egress.ts";
import {
  renderChunk,
  renderFrame,
  renderReply,
  startFakeDaemon,
  streamHead,
} from "../support/fake-daemon.ts";
import type { FakeDaemon } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";

type Logs = Readonly<Record<string, readonly Uint8Array[]>>;

const at = (second: number) => `2026-01-01T00:00:0${second}.000000000Z`;
const attempt = (host: string) =>
  JSON.stringify({ event: "attempt", time: "", host, port: 443, verdict: "allowed" });
const blocked = (host: string) => JSON.stringify({ event: "blocked", target: `${host}:443` });
const line = (second: number, text: string) => `${at(second)} ${text}\n`;
const out = (text: string) => renderFrame("stdout", text);

interface Scripted {
  /** By container, for readings that do not follow */
  readonly past: Logs;
  /** By container, one for each time that somebody follows */
  readonly live?: Readonly<Record<string, (readonly Uint8Array[])[]>>;
  /** Whether a container runs, look by look; after them it is gone */
  readonly runs?: boolean[];
}

function startLogs({ past, live = {}, runs = [] }: Scripted): Promise<FakeDaemon> {
  return startFakeDaemon(async (connection, { path, query }) => {
    const [, id = "", act = ""] = /\/containers\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    if (act === "json") {
      const Running = runs.shift();
      const State = { Running, ExitCode: 0, OOMKilled: false };
      await connection.send(
        Running === undefined ? renderReply(404) : renderReply(200, { Config: { Tty: false }, State }),
      );
      return connection.end();
    }
    const isFollowing = /^(?:1|true)$/.test(query.get("follow") ?? "");
    const frames = (isFollowing ? live[id]?.shift() : past[id]) ?? [];
    await connection.send(streamHead);
    for (const frame of frames) await connection.send(renderChunk(frame));
    await connection.send(renderChunk(""));
    connection.end();
  });
}

function sidecarOf({ engine }: FakeDaemon, filter?: string): Sidecar {
  const { gate, pipelock } = makeParts(engine, { agent: "a", gate: "g", pipelock: filter ?? "" });
  return { gate, pipelock: filter === undefined ? undefined : pipelock };
}

async function read(
  daemon: FakeDaemon,
  { pipelock, isFollowing = false }: { pipelock?: string; isFollowing?: boolean } = {},
): Promise<string[]> {
  const shown: string[] = [];
  const { signal } = new AbortController();
  for await (const one of readEgress(sidecarOf(daemon, pipelock), isFollowing, signal)) shown.push(show(one));
  return shown;
}

function show({ time, source, host }: EgressRecord): string {
  return `${time.slice(17, 19)} ${source} ${host}`;
}

test("both logs are one, oldest first, and at one moment the gate's comes first", async () => {
  await using daemon = await startLogs({
    past: {
      g: [out(line(1, attempt("a.test")) + line(3, attempt("c.test")) + line(5, attempt("e.test")))],
      p: [out(line(2, blocked("b.test")) + line(3, blocked("c.test")) + line(4, blocked("d.test")))],
    },
  });
  expect(await read(daemon, { pipelock: "p" })).toEqual([
    "01 gate a.test",
    "02 pipelock b.test",
    "03 gate c.test",
    "03 pipelock c.test",
    "04 pipelock d.test",
    "05 gate e.test",
  ]);
});

test("a bottle without a filter has the gate's log alone", async () => {
  await using daemon = await startLogs({ past: { g: [out(line(1, attempt("a.test")))], p: [out("x")] } });
  expect(await read(daemon)).toEqual(["01 gate a.test"]);
  expect(daemon.requests.map(({ path }) => path)).toEqual(["/v1.41/containers/g/logs"]);
});

test("lines come whole however they are cut, and what is no event of a program's own output is left out", async () => {
  const [one, two] = [line(1, attempt("ä.test")), line(2, attempt("b.test"))];
  const whole = Buffer.from(one + two);
  const cut = whole.indexOf("ä") + 1;
  await using daemon = await startLogs({
    past: {
      g: [
        renderFrame("stdout", whole.subarray(0, cut)),
        renderFrame("stderr", line(1, attempt("stderr.test"))),
        renderFrame("stdout", whole.subarray(cut)),
        out(line(3, "hello") + line(3, `{"event":`) + line(3, `x${attempt("x.test")}`)),
        // Without a time nothing says when it was
        out(`${attempt("untimed.test")}\n ${attempt("blank.test")}\n\n`),
        out(line(4, attempt("d.test")) + line(5, attempt("unfinished.test")).trimEnd()),
      ],
    },
  });
  expect(await read(daemon)).toEqual(["01 gate ä.test", "02 gate b.test", "04 gate d.test"]);
});

test("of a line without an end no more than 64 KiB are kept, and the next line is read", async () => {
  const endless = out("x".repeat(60 * 1024));
  await using daemon = await startLogs({
    past: { g: [endless, endless, endless, out(`\n${line(2, attempt("b.test"))}`)] },
  });
  expect(await read(daemon)).toEqual(["02 gate b.test"]);
  const padded = (bytes: number) => {
    const start = `${at(1)} ${attempt("a.test").slice(0, -1)},"pad":"`;
    return [`${start}${"x".repeat(bytes - start.length - 2)}"}`, "\n"].map(out);
  };
  await using atLimit = await startLogs({ past: { g: padded(64 * 1024) } });
  expect(await read(atLimit)).toEqual(["01 gate a.test"]);
  await using above = await startLogs({ past: { g: padded(64 * 1024 + 1) } });
  expect(await read(above)).toEqual([]);
});

test("who follows is shown nothing twice and misses nothing that came between the readings", async () => {
  const past = [out(line(1, attempt("a.test")) + line(2, attempt("b.test")))];
  await using daemon = await startLogs({
    past: { g: past },
    live: { g: [[...past, out(line(3, attempt("between.test"))), out(line(4, attempt("later.test")))]] },
  });
  expect(await read(daemon, { isFollowing: true })).toEqual([
    "01 gate a.test",
    "02 gate b.test",
    "03 gate between.test",
    "04 gate later.test",
  ]);
});

test("a program that ends and comes back is followed on, and one that is gone is not", async () => {
  const first = out(line(1, attempt("a.test")));
  const second = out(line(2, attempt("b.test")));
  await using daemon = await startLogs({
    past: { g: [] },
    live: { g: [[first], [first, second]] },
    runs: [false, true, false],
  });
  expect(await read(daemon, { isFollowing: true })).toEqual(["01 gate a.test", "02 gate b.test"]);
  expect(daemon.requests.filter(({ path }) => path.endsWith("/json"))).toHaveLength(4);
});

test("of two logs that are followed each is shown when it comes, and the end of one is not the other's", async () => {
  await using daemon = await startLogs({
    past: { g: [], p: [] },
    live: { g: [[]], p: [[out(line(1, blocked("a.test"))), out(line(2, blocked("b.test")))]] },
  });
  expect(await read(daemon, { pipelock: "p", isFollowing: true })).toEqual([
    "01 pipelock a.test",
    "02 pipelock b.test",
  ]);
});

test("an engine that fails is told, and one that fails since nobody reads any more is not", async () => {
  const controller = new AbortController();
  await using daemon = await startFakeDaemon(async (connection, { query }) => {
    if (query.get("follow") === "1" || query.get("follow") === "true") controller.abort();
    await connection.send(streamHead);
    if (controller.signal.aborted) return connection.terminate();
    await connection.send(renderChunk(""));
    connection.end();
  });
  const shown: unknown[] = [];
  const records = readEgress(sidecarOf(daemon), true, controller.signal);
  for await (const one of records) shown.push(one);
  expect(shown).toEqual([]);
  await using broken = await startFakeDaemon(async (connection) => {
    await connection.send(renderReply(500, { message: "the disk is full" }));
    connection.end();
  });
  expect((await failureOf(read(broken))).message).toContain("the disk is full");
});
