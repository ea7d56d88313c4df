/** A daemon with the volumes of one session, for tests of how its work is collected. */
import type { InsideLimits } from "../../src/bottle/work/collect-inside.ts";
import { collectWork } from "../../src/bottle/work/collect-work.ts";
import type { CollectWork, WorkSection, WorkSink } from "../../src/bottle/work.ts";
import { platformOn } from "./docker-platform.ts";
import {
  renderChunk,
  renderFrame,
  renderReply,
  startFakeDaemon,
  streamHead,
  upgradeHead,
} from "./fake-daemon.ts";
import type { Connection } from "./fake-daemon.ts";

const key = (name: string) => `claude-bottle.${name}`;
export const record: CollectWork = {
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
  /** What the program within the agent's container says; without it none can be started there */
  readonly inside?: (connection: Connection) => Promise<void>;
  readonly limits?: InsideLimits;
}

/** A record of a session, or its workspace, as the platform collects it from an engine that is made up and keeps the volumes of one session. */
export async function collect(situation: Situation) {
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
      const agent = {
        Id: "a",
        Names: ["/cb"],
        State: situation.agent,
        Created: 0,
        Labels: { [key("role")]: "agent" },
      };
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
    if (act === "exec" && situation.inside) return reply(201, { Id: "e" });
    if (act === "exec") return reply(409, { message: "cannot fork" });
    if (kind === "exec") {
      streams.push(connection.closed);
      await connection.send(upgradeHead);
      await connection.receive();
      await situation.inside?.(connection);
      return connection.end();
    }
    if (act === "wait" && name === "a") return connection.closed;
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
  let restarts = 0;
  const takings: number[] = [];
  const sink: WorkSink = {
    taken: async () => void takings.push(found.length),
    restart: async () => {
      restarts += 1;
      found.length = 0;
    },
    begin: async (section) => {
      let content = "";
      return {
        write: async (data) => void (content += Buffer.from(data).toString()),
        end: async () => void found.push([section, content]),
      };
    },
  };
  const place = platformOn(daemon.engine);
  const outcome = collectWork(place, situation.request ?? record, sink, situation.limits);
  await Promise.allSettled([outcome]);
  await Promise.all(streams);
  const asked = daemon.requests.map(({ method, path }) => `${method} ${path.replace(/^\/v[\d.]+/, "")}`);
  const isStarted = asked.some((one) => one.endsWith("/start"));
  const left = { containers: [...containers], volumes: [...volumes.keys()] };
  return { outcome, found, takings, restarts, mounts, isStarted, asked, ...left };
}

export const reply = (text: string) => async (connection: Connection) => {
  await connection.send(renderReply(200, text));
  connection.end();
};
export const say = (text: string) => (connection: Connection) => connection.send(renderFrame("stdout", text));
export const whole = '{"section":"transcript","bytes":3}\nabc{"section":"end","bytes":0}\n';
