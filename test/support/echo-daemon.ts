/** A scripted engine that makes all it is asked for: enough to launch a bottle without one. Tests say where it does otherwise. */
import { renderFrame, renderReply, startFakeDaemon, streamHead, upgradeHead } from "./fake-daemon.ts";
import type { Connection, FakeDaemon, Script } from "./fake-daemon.ts";
import type { RecordedRequest } from "./http-request.ts";

/** `POST /networks/create`: the method, and the path without the version */
export type Exception = (asked: string, connection: Connection, request: RecordedRequest) => unknown;

/** Starts it. `except` is asked first; whatever it returns other than undefined says that it has dealt with the request. */
export function startEchoDaemon(except: Exception = () => undefined): Promise<FakeDaemon> {
  const containers = new Map<string, Created>();
  const networks = new Map<string, Record<string, unknown>>();
  const script: Script = async (connection, request) => {
    const { method, path, query, body } = request;
    const asked = `${method} ${path.replace(/^\/v[\d.]+/, "")}`;
    const dealtWith = except(asked, connection, request);
    if (dealtWith !== undefined) return void (await dealtWith);
    const reply = async (status: number, answer: unknown = "") => {
      await connection.send(renderReply(status, answer));
      connection.end();
    };
    const [, kind = "", id = "", act = ""] = /^\w+ \/(\w+)(?:\/([^/]+))?(?:\/(\w+))?/.exec(asked) ?? [];
    const whole = method === "POST" ? (JSON.parse(body.toString() || "{}") as Record<string, unknown>) : {};
    if (asked === "GET /networks") return reply(200, []);
    if (asked === "POST /containers/create") {
      const name = query.get("name") ?? "";
      containers.set(name, { name, config: whole });
      return reply(201, { Id: name, Warnings: [] });
    }
    if (asked === "POST /networks/create") {
      const name = String(whole["Name"]);
      networks.set(name, whole);
      return reply(201, { Id: name });
    }
    if (method === "POST" && ["attach", "start"].includes(act) && id !== "" && isStream(kind, act)) {
      await connection.send(upgradeHead);
      if (kind === "containers") await connection.send(greetingOf(id));
      return;
    }
    if (act === "wait" || asked === "GET /events") return connection.send(streamHead);
    if (act === "exec") return reply(201, { Id: `exec-${id}` });
    if (kind === "containers" && method === "GET") return reply(200, inspect(containers.get(id)));
    if (kind === "networks" && method === "GET") return reply(200, networks.get(id) ?? {});
    if (kind === "images") return reply(200, { Id: `sha256:${id}` });
    if (kind === "volumes" && method === "POST") return reply(201, {});
    return reply(204);
  };
  return startFakeDaemon(script);
}

interface Created {
  readonly name: string;
  readonly config: Record<string, unknown>;
}

function isStream(kind: string, act: string): boolean {
  return act === "attach" || (kind === "exec" && act === "start");
}

/** What an agent and a gate say when they have begun. */
function greetingOf(container: string): Uint8Array {
  if (!container.endsWith("-gate")) return renderFrame("stdout", "\u001eclaude-bottle ready\u001e");
  const ports = { proxy: 1, api: 1, sshAgent: 1, pipelock: 1 };
  return renderFrame("stdout", `${JSON.stringify({ event: "ready", time: "", ports, pipelock: null })}\n`);
}

/** A container in the networks that were asked for, and the gate in both. */
function inspect(created: Created | undefined): unknown {
  const { name = "", config = {} } = created ?? {};
  const host = (config["HostConfig"] ?? {}) as Record<string, unknown>;
  const internal = String(host["NetworkMode"]);
  const own = name.endsWith("-gate") ? [internal, internal.replace("-internal", "-egress")] : [internal];
  return {
    Config: { User: config["User"] },
    HostConfig: host,
    State: { Running: true, ExitCode: 0, OOMKilled: false },
    NetworkSettings: { Networks: Object.fromEntries(own.map((one) => [one, { NetworkID: one }])) },
  };
}
