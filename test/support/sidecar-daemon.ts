/** A scripted engine with a whole sidecar: a gate that says what a test has it say, and a pipelock that runs what was last written. */
import type { LaunchOptions } from "../../src/bottle/bottle.ts";
import { launchBottle } from "./docker-platform.ts";
import type { LaunchContext } from "./docker-platform.ts";
import { hashConfig } from "../../src/bottle/filter/pipelock-control.ts";
import { Secret } from "../../src/core/secret.ts";
import { readTarFile } from "../../src/archive/small-tar.ts";
import type { BottlePlan } from "../../src/plan/plan.ts";
import { quietTerminal } from "./egress-bottle.ts";
import { startEchoDaemon } from "./echo-daemon.ts";
import type { Exception } from "./echo-daemon.ts";
import { renderChunk, renderFrame, renderReply, streamHead, upgradeHead } from "./fake-daemon.ts";
import type { Connection, FakeDaemon } from "./fake-daemon.ts";

const stem = "claude-bottle-helper-k3f9q2";
export const certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

export interface SidecarScript {
  /** What pipelock's start says in place of the truth */
  readonly startup?: object;
  /** What putting the certificate into the agent's store ends with */
  readonly trustCode?: number;
}

export interface SidecarDaemon extends AsyncDisposable {
  readonly daemon: FakeDaemon;
  /** What went into the agent's store */
  trusted(): string;
  /** The configuration that pipelock runs */
  configuration(): string;
  /** Has a part end, as the engine tells it, until it is started again */
  end(role: "gate" | "pipelock"): Promise<void>;
  /** Has the newest gate say something */
  say(event: object): Promise<void>;
  /** What was asked for, as `DELETE /containers/x`, `x` being the end of the object's name */
  asked(method: string): string[];
}

export async function startSidecarDaemon(script: SidecarScript = {}): Promise<SidecarDaemon> {
  let trusted = "";
  let archive = Buffer.alloc(0);
  const ended = new Set<string>();
  let events: Connection | undefined;
  let gate: Connection | undefined;
  let configuration = "";
  const answer = async (connection: Connection, data: string | Uint8Array) => {
    await connection.send(data);
    connection.end();
  };
  const special: Readonly<Record<string, (connection: Connection, body: Buffer) => Promise<void>>> = {
    [`GET /containers/${stem}-pipelock/logs`]: (connection) => {
      const event = { event: "startup", config_hash: hashConfig(configuration), mode: "strict" };
      return answer(connection, renderLog({ ...event, ...script.startup }));
    },
    [`PUT /containers/${stem}-pipelock/archive`]: async (connection, body) => {
      archive = Buffer.from(body);
      configuration = (await readTarFile(archive, "pipelock.yaml")) ?? "";
      return answer(connection, renderReply(200));
    },
    [`GET /containers/${stem}-pipelock/archive`]: (connection) =>
      answer(connection, Buffer.concat([Buffer.from(streamHead), renderChunk(archive), renderChunk("")])),
    [`POST /containers/${stem}-gate/attach`]: async (connection) => {
      gate = connection;
      await connection.send(upgradeHead);
      await connection.send(renderFrames({ event: "authority", time: "", certificate }, ready));
    },
    "GET /events": (connection) => {
      events = connection;
      return connection.send(streamHead);
    },
    "POST /exec/trust/start": async (connection) => {
      await connection.send(upgradeHead);
      trusted = String(await connection.receive());
      connection.end();
    },
    "GET /exec/trust/json": (connection) =>
      answer(connection, renderReply(200, { ExitCode: script.trustCode ?? 0 })),
  };
  const except: Exception = (asked, connection, { body }) => {
    if (asked === `POST /containers/${stem}/exec` && body.toString().includes("ca-certificates"))
      return answer(connection, renderReply(201, { Id: "trust" }));
    const [, method, id = "", act] = /^(\w+) \/containers\/([^/]+)\/(\w+)$/.exec(asked) ?? [];
    if (method === "GET" && act === "json" && ended.has(id))
      return answer(connection, renderReply(200, { State: { Running: false, ExitCode: 1 } }));
    if (act === "start") ended.delete(id);
    return special[asked]?.(connection, body);
  };
  const daemon = await startEchoDaemon(except);
  return {
    daemon,
    trusted: () => trusted,
    configuration: () => configuration,
    async end(role) {
      ended.add(`${stem}-${role}`);
      const Actor = { Attributes: { "claude-bottle.role": role, exitCode: "1" } };
      await events?.send(renderChunk(`${JSON.stringify({ Action: "die", Actor })}\n`));
    },
    say: async (event) => gate?.send(renderFrames(event)),
    asked: (method) =>
      daemon.requests
        .filter((one) => one.method === method)
        .map(({ path }) => path.replace(/^\/v[\d.]+/, "").replace(stem, "")),
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

const ready = {
  event: "ready",
  time: "",
  ports: { proxy: 1, api: 1, sshAgent: 1, pipelock: 1 },
  pipelock: null,
};

function renderFrames(...events: readonly object[]): Uint8Array {
  return renderFrame("stdout", events.map((event) => `${JSON.stringify({ time: "", ...event })}\n`).join(""));
}

function renderLog(event: object): Uint8Array {
  return Buffer.concat([Buffer.from(streamHead), renderChunk(renderFrames(event)), renderChunk("")]);
}

/** Launches a bottle on it. */
export function launchOn(
  { daemon }: Pick<SidecarDaemon, "daemon">,
  plan: BottlePlan,
  details: string[] = [],
  differences: Partial<LaunchContext> = {},
) {
  const nothing = () => undefined;
  const options: LaunchOptions = {
    plan,
    grants: { env: [], token: { kind: "oauth", value: new Secret("t") }, sshKeys: [] },
    files: { skills: [], workspace: undefined, sshPublicKeys: [] },
    terminal: quietTerminal,
    progress: { step: nothing, detail: (text) => void details.push(text), done: nothing },
    signal: new AbortController().signal,
  };
  return launchBottle(daemon.engine, options, {
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
    ...differences,
  });
}

/** What a container was asked to be, by the end of its name. */
export function createdOn<T>({ daemon }: Pick<SidecarDaemon, "daemon">, suffix: string): T {
  const create = daemon.requests.find(
    ({ path, query }) => path.endsWith("/create") && query.get("name") === `${stem}${suffix}`,
  );
  return JSON.parse(create?.body.toString() ?? "{}") as T;
}
