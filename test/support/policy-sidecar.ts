/** A gate and a filter on a scripted engine, whose policy a command changes. */
import type { RunningBottle } from "../../src/bottle/bottle.ts";
import { makeParts } from "../../src/bottle/docker/find-parts.ts";
import type { GateDestination } from "../../src/protocol/gate-destination.ts";
import { allowHost, denyHost } from "../../src/bottle/running/change-policy.ts";
import type { FoundBottle } from "../../src/bottle/running/find-bottle.ts";
import { hashConfig } from "../../src/bottle/filter/pipelock-control.ts";
import { makeTar, readTarFile } from "../../src/archive/small-tar.ts";
import { renderPipelockConfig } from "../../src/plan/pipelock-config.ts";
import type { GateLiveMessage } from "../../src/protocol/gate.ts";
import {
  renderChunk,
  renderFrame,
  renderReply,
  startFakeDaemon,
  streamHead,
  upgradeHead,
} from "./fake-daemon.ts";
import type { Connection, FakeDaemon } from "./fake-daemon.ts";
import { aPlan } from "./manifests.ts";

export const tls = (host: string, isPrivate = false): GateDestination => ({
  host,
  port: 443,
  protocol: "tls",
  isPrivate,
});

export interface Scripted {
  readonly destinations?: readonly GateDestination[];
  /** Why the gate refuses a message of this kind */
  readonly rejects?: Readonly<Partial<Record<GateLiveMessage["type"], string>>>;
  /** Kinds of messages at which the gate ends without a word */
  readonly silentAt?: readonly string[];
  /** Which writings pipelock refuses, counted from 1 */
  readonly refusedWrites?: readonly number[];
  /** What a reload or a start says beside its hash */
  readonly told?: object;
  /** pipelock's log, where somebody looks for what it complains of */
  readonly complaints?: string;
  /** pipelock's file is not where it should be */
  readonly hasNoFile?: boolean;
  /** That only the sidecar may reach */
  readonly apiHost?: string;
}

export interface Sidecar extends AsyncDisposable {
  readonly daemon: FakeDaemon;
  /** What was done to gate and filter, in order */
  readonly acts: string[];
  hosts(): readonly string[];
}

const kindOf = {
  allow: "policy",
  deny: "policy",
  describe: "described",
  begin: "begun",
  end: "ended",
  ping: "pong",
  forget: "policy",
  freeze: "freeze",
  bound: "bound",
  thaw: "freeze",
};

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await Bun.sleep(1);
}

/** A gate that grants `destinations`, and a filter that lists the same. */
export async function startSidecar(script: Scripted = {}): Promise<Sidecar> {
  const acts: string[] = [];
  const granted: Granted = { all: script.destinations ?? [] };
  const plan = aPlan({ auth: "env", token: undefined });
  const base = JSON.parse(renderPipelockConfig(plan, "2.3.0"));
  const hosts = (script.destinations ?? []).map(({ host }) => host);
  const privateHosts = (script.destinations ?? []).filter((one) => one.isPrivate).map(({ host }) => host);
  let text = JSON.stringify({ ...base, api_allowlist: hosts, trusted_domains: privateHosts });
  let writes = 0;
  let told = 0;
  let confirmed = "";
  const reply = async (connection: Connection, data: string | Uint8Array) => {
    await connection.send(data);
    connection.end();
  };
  const stream = (data: Uint8Array) =>
    Buffer.concat([Buffer.from(streamHead), renderChunk(data), renderChunk("")]);
  const log = (event: object) => stream(renderFrame("stdout", `${JSON.stringify(event)}\n`));
  const daemon = await startFakeDaemon(async (connection, { method, path, query, body }) => {
    if (path.endsWith("/attach")) return serveGate(connection, script, { acts, granted });
    if (path.endsWith("/archive") && method === "GET")
      return reply(
        connection,
        stream(
          await makeTar([{ path: script.hasNoFile ? "other" : "pipelock.yaml", mode: 0o444, content: text }]),
        ),
      );
    if (path.endsWith("/archive")) {
      writes += 1;
      text = (await readTarFile(body, "pipelock.yaml")) ?? "";
      const isRefused = script.refusedWrites?.includes(writes) ?? false;
      if (!isRefused) confirmed = hashConfig(text);
      acts.push(`${isRefused ? "not " : ""}written ${hostsOf(text).join()}`);
      return reply(connection, renderReply(200));
    }
    if (path.endsWith("/stop")) acts.push("stopped");
    if (path.endsWith("/start")) acts.push("started");
    if (!path.endsWith("/logs")) return reply(connection, renderReply(204));
    // What is followed may be opened before what it is to tell has been written
    const isFollowing = /^(?:1|true)$/.test(query.get("follow") ?? "");
    if (!isFollowing) return reply(connection, stream(renderFrame("stdout", script.complaints ?? "")));
    told += 1;
    await until(() => writes >= told);
    const event = acts.includes("started") ? "startup" : "config_reload";
    await reply(connection, log({ event, config_hash: confirmed, mode: "strict", ...script.told }));
  });
  return {
    daemon,
    acts,
    hosts: () => hostsOf(text),
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

function hostsOf(text: string): readonly string[] {
  return JSON.parse(text.replaceAll(/^#.*$/gm, "")).api_allowlist;
}

type Granted = { all: readonly GateDestination[] };

async function serveGate(
  connection: Connection,
  script: Scripted,
  { acts, granted }: { readonly acts: string[]; readonly granted: Granted },
): Promise<void> {
  await connection.send(upgradeHead);
  const message = JSON.parse(String(await connection.receive())) as GateLiveMessage;
  const { type, id } = message;
  if (type === "allow" || type === "deny") {
    const { host, port } = type === "allow" ? message.destination : message;
    acts.push(`${type} ${host}:${port}`);
    granted.all = granted.all.filter((one) => one.host !== host || one.port !== port);
  } else if (type !== "describe") acts.push(type);
  // What the answers to all of them have, each of which takes its own
  const pair = type === "allow" ? message.destination : { host: "", port: 0, ...message };
  const answer = {
    event: kindOf[type],
    id,
    time: "",
    filter: "pipelock",
    by: "user",
    action: type,
    host: pair.host,
    port: pair.port,
  };
  const say = (event: object) => connection.send(renderFrame("stdout", `${JSON.stringify(event)}\n`));
  const why = script.rejects?.[type];
  if (script.silentAt?.includes(type)) return connection.end();
  // Others' events come by on the same stream
  await connection.send(renderFrame("stderr", "a warning of Node's\n"));
  await say({ ...answer, id: "another", until: "never", destinations: [], apiHost: null });
  await say({ event: "note", id });
  if (why !== undefined) await say({ event: "rejected", time: "", id, message: why });
  else
    await say({
      ...answer,
      destinations: granted.all,
      apiHost: script.apiHost ?? null,
      ...(type === "allow" && message.forMs !== undefined ? { until: `in ${message.forMs}` } : {}),
    });
}

const found = ({ engine }: FakeDaemon, hasFilter: boolean): FoundBottle => {
  const bottle = { name: "b", bottle: "dev" } as RunningBottle;
  const { gate, pipelock } = makeParts(engine, { agent: "a", gate: "g", pipelock: "p" });
  return { bottle, gate, pipelock: hasFilter ? pipelock : undefined };
};
/** As the command does it. */
export const allow = ({ daemon }: Sidecar, host: string, more: object = {}, hasFilter = true) =>
  allowHost(found(daemon, hasFilter), {
    host,
    isPrivate: false,
    forMs: undefined,
    ...more,
  });
export const deny = ({ daemon }: Sidecar, host: string, hasFilter = true, port?: number) =>
  denyHost(found(daemon, hasFilter), { host, port });
