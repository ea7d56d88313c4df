import { describe, expect, test } from "bun:test";
import { collectWork } from "../../src/bottle/docker/collect.ts";
import { NoWork } from "../../src/bottle/work.ts";
import type { CollectWork, WorkSection, WorkSink } from "../../src/bottle/work.ts";
import {
  renderChunk,
  renderFrame,
  renderReply,
  startFakeDaemon,
  streamHead,
  upgradeHead,
} from "../support/fake-daemon.ts";
import type { Connection } from "../support/fake-daemon.ts";
import { failureOf } from "../support/failure.ts";

const key = (name: string) => `claude-bottle.${name}`;
const context = { owner: { bootId: "b", pid: 1, startTime: "1" }, version: "0", extra: {} };
const record: CollectWork = {
  session: "s1",
  task: "bring-back",
  hasWorkspace: false,
  hasTranscript: true,
  hasWentIn: true,
  repositories: [],
};

interface Situation {
  readonly request?: CollectWork;
  /** State of the agent's container; there is none otherwise */
  readonly agent?: string;
  /** The kept volume is removed by hand before the collector is made; `labelled` by an engine that takes labels for what it makes */
  readonly removed?: "labelled" | "unlabelled";
  readonly archive?: (connection: Connection) => Promise<void>;
  /** What the running collector says and how it ends */
  readonly collector?: (connection: Connection) => Promise<void>;
  readonly exitCode?: number;
  /** The volumes are removed by hand and made anew by the engine while a collector stands by */
  readonly isGone?: boolean;
  /** A collector stands by, which runs already */
  readonly standsBy?: boolean;
}

/** Collects on an engine that keeps the volumes of one session. */
async function collect(situation: Situation) {
  const work = ["work", "kept"] as const;
  const volumes = new Map<string, Record<string, string>>(
    work.map((role) => [
      `cb-${role}`,
      { [key("session")]: "s1", [key("role")]: role, [key("image")]: "sha256:i", [key("stem")]: "cb" },
    ]),
  );
  const containers = new Set<string>(situation.standsBy ? ["cb-collect-ready"] : []);
  const mounts: unknown[] = [];
  const streams: Promise<void>[] = [];
  const end = Promise.withResolvers<void>();
  const create = (body: Buffer) => {
    if (situation.removed && volumes.has("cb-kept")) {
      volumes.delete("cb-kept");
      volumes.delete("cb-work");
      for (const { Source, VolumeOptions } of JSON.parse(body.toString()).HostConfig.Mounts)
        volumes.set(Source, situation.removed === "labelled" ? VolumeOptions.Labels : {});
    }
    mounts.push(...JSON.parse(body.toString()).HostConfig.Mounts);
  };
  await using daemon = await startFakeDaemon(async (connection, { method, path, query, body }) => {
    const reply = async (status: number, answer: unknown = "") => {
      await connection.send(renderReply(status, answer));
      connection.end();
    };
    const [, kind = "", name = "", act = ""] = /^\/v[\d.]+\/(\w+)(?:\/([^/]+))?(?:\/(\w+))?/.exec(path) ?? [];
    if (kind === "volumes" && method === "GET") {
      const all = [...volumes].filter(([, labels]) => labels[key("session")] === "s1");
      return reply(200, { Volumes: all.map(([Name, Labels]) => ({ Name, Labels })) });
    }
    if (kind === "volumes") return reply(volumes.delete(name) ? 204 : 404);
    if (name === "json") {
      const agent = { Id: "a", Names: ["/cb"], State: situation.agent, Created: 0, Labels: {} };
      return reply(200, situation.agent === undefined ? [] : [agent]);
    }
    if (name === "create") {
      create(body);
      containers.add(query.get("name") ?? "");
      return reply(201, { Id: "c", Warnings: [] });
    }
    if (act === "rename" && containers.delete(name)) {
      if (situation.isGone)
        for (const one of volumes.keys())
          volumes.set(one, { [key("session")]: "s1", [key("role")]: "collector" });
      containers.add(query.get("name") ?? "");
      return reply(204);
    }
    if (act === "rename") return reply(404, { message: "no such container" });
    if (act === "start" && situation.standsBy) return reply(304);
    if (method === "DELETE") return reply(containers.delete(name) ? 204 : 404);
    if (act === "archive")
      return (situation.archive ?? (() => reply(404, { message: "no such path" })))(connection);
    if (act === "attach") {
      streams.push(connection.closed);
      await connection.send(upgradeHead);
      await connection.receive();
      await situation.collector?.(connection);
      connection.end();
      return end.resolve();
    }
    if (act === "wait") {
      await connection.send(streamHead);
      await end.promise;
      await connection.send(renderChunk(JSON.stringify({ StatusCode: situation.exitCode ?? 0 })));
      await connection.send(renderChunk(""));
      return connection.end();
    }
    return reply(204);
  });
  const found: [WorkSection, string][] = [];
  const takings: number[] = [];
  const sink: WorkSink = {
    taken: async () => void takings.push(found.length),
    begin: async (section) => {
      let content = "";
      return {
        write: async (data) => void (content += Buffer.from(data).toString()),
        end: async () => void found.push([section, content]),
      };
    },
  };
  const outcome = collectWork(daemon.engine, situation.request ?? record, sink, context);
  await Promise.allSettled([outcome]);
  await Promise.all(streams);
  const asked = daemon.requests.map(({ method, path }) => `${method} ${path.replace(/^\/v[\d.]+/, "")}`);
  const isStarted = asked.some((one) => one.endsWith("/start"));
  const left = { containers: [...containers], volumes: [...volumes.keys()] };
  return { outcome, found, takings, mounts, isStarted, asked, ...left };
}

const reply = (text: string) => async (connection: Connection) => {
  await connection.send(renderReply(200, text));
  connection.end();
};
const say = (text: string) => (connection: Connection) => connection.send(renderFrame("stdout", text));
const whole = '{"section":"transcript","bytes":3}\nabc{"section":"end","bytes":0}\n';

describe("a record that nobody writes to", () => {
  test("is read by the engine from a container that is never started, which can only read and goes again", async () => {
    const { outcome, found, mounts, isStarted, containers, volumes } = await collect({
      agent: "exited",
      archive: reply("tar"),
    });
    await outcome;
    expect(found).toEqual([[{ section: "transcript", root: "projects" }, "tar"]]);
    expect(mounts.map((one) => (one as { ReadOnly: boolean }).ReadOnly)).toEqual([true, true]);
    expect([isStarted, containers, volumes]).toEqual([false, [], ["cb-work", "cb-kept"]]);
  });

  test("is nothing where the agent has removed it", async () => {
    const { outcome, found, containers } = await collect({});
    await outcome;
    expect([found, containers]).toEqual([[], []]);
  });

  test("is left to the running collector where it is too long", async () => {
    const { outcome, found, takings, isStarted, containers } = await collect({
      archive: reply("x".repeat(33 * 1024 * 1024)),
      collector: say(whole),
    });
    await outcome;
    expect(found).toEqual([[{ section: "transcript" }, "abc"]]);
    // What came is taken over once, when all of it is there
    expect([takings, isStarted, containers]).toEqual([[1], true, []]);
  });

  test("an engine that breaks off hands nothing over, and the container goes all the same", async () => {
    const { outcome, found, containers } = await collect({
      archive: async (connection) => {
        await connection.send(`${streamHead}${renderChunk("half")}`);
        connection.terminate();
      },
    });
    expect((await failureOf(outcome)).code).toBe("engine-unreachable");
    expect([found, containers]).toEqual([[], []]);
  });
});

describe("the running collector", () => {
  test("is used where the agent could still write", async () => {
    const { outcome, found, isStarted } = await collect({ agent: "running", collector: say(whole) });
    await outcome;
    expect([found.length, isStarted]).toEqual([1, true]);
  });

  test.each([
    [1, "session", "the collector ended with exit code 1"],
    [137, "aborted", "the collector ended with exit code 137"],
  ])("that ends early with %i is an error with its last words", async (exitCode, code, state) => {
    const { outcome, containers, volumes } = await collect({
      agent: "running",
      exitCode,
      collector: (connection) => connection.send(renderFrame("stderr", "no node\u001b[2J\n")),
    });
    const error = await failureOf(outcome);
    expect(error).toMatchObject({ code, message: `Cannot collect the work: ${state}` });
    expect(error.details).toEqual(["no node\\x1b[2J"]);
    expect([containers, volumes.length]).toEqual([[], 2]);
  });

  const ofWorkspace = { ...record, hasWorkspace: true };

  test("is the one that stands by, where there is one: nothing is made, and it goes as any other", async () => {
    const { outcome, found, asked, containers } = await collect({
      request: ofWorkspace,
      standsBy: true,
      collector: say(whole),
    });
    await outcome;
    expect([found.length, containers]).toEqual([1, []]);
    expect(asked.filter((one) => one.includes("/create"))).toEqual([]);
  });

  test.each([
    ["there is none that stands by", ofWorkspace, false],
    ["the one that stands by could not write", { ...ofWorkspace, unlocks: true }, true],
  ])("is made where %s", async (_, request, standsBy) => {
    const { outcome, found, asked } = await collect({ request, standsBy, collector: say(whole) });
    await outcome;
    expect(found.length).toBe(1);
    expect(asked.filter((one) => one.includes("/create"))).toHaveLength(1);
  });

  test("that stands by over volumes that were removed meanwhile hands nothing over", async () => {
    const { outcome, found, containers } = await collect({
      request: ofWorkspace,
      standsBy: true,
      isGone: true,
      collector: say(whole),
    });
    expect(await failureOf(outcome)).toBeInstanceOf(NoWork);
    expect([found, containers]).toEqual([[], []]);
  });

  test("that answers otherwise than agreed is an error with a next step, and its stream is closed", async () => {
    const begun = whole.slice(0, whole.indexOf('{"section":"end"'));
    const { outcome, found, takings, containers } = await collect({
      agent: "running",
      collector: say(`${begun}hello\n`),
    });
    expect((await failureOf(outcome)).hint).toContain("image or Dockerfile");
    // Nothing of it is taken over
    expect([found.length, takings, containers]).toEqual([1, [], []]);
  });
});

describe("volumes that are removed by hand between the look and the create", () => {
  test.each([["exited"], ["running"]])(
    "are no work that came to nothing: nothing is handed over, and what the engine made anew goes (agent %s)",
    async (agent) => {
      const { outcome, found, isStarted, containers, volumes } = await collect({
        agent,
        removed: "labelled",
        archive: reply("tar"),
        collector: say(whole),
      });
      expect(await failureOf(outcome)).toBeInstanceOf(NoWork);
      expect([found, isStarted, containers, volumes]).toEqual([[], false, [], []]);
    },
  );

  test("are not removed again where nothing says that the engine made them", async () => {
    const { outcome, found, volumes } = await collect({ removed: "unlabelled", archive: reply("tar") });
    expect(await failureOf(outcome)).toBeInstanceOf(NoWork);
    expect([found, volumes]).toEqual([[], ["cb-work", "cb-kept"]]);
  });
});
