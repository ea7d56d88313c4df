/** An engine that a whole command can be run against: it knows images, builds and fetches what it is asked for, and records it all. */
import { startEchoDaemon } from "./echo-daemon.ts";
import { renderChunk, renderReply, streamHead } from "./fake-daemon.ts";
import type { Connection, FakeDaemon } from "./fake-daemon.ts";
import type { RecordedRequest } from "./http-request.ts";

export interface RecordingEngine extends AsyncDisposable {
  /** For `DOCKER_HOST` */
  readonly host: string;
  /** All but those that ask who it is */
  readonly requests: readonly RecordedRequest[];
  /** Ids by name and tag; what is put there is found, and what is built or fetched is put there */
  readonly images: Map<string, string>;
  /** What a fetched name means */
  readonly registry: Map<string, string>;
}

const aboutItself: Readonly<Record<string, unknown>> = {
  "GET /info": { ID: "fake", ServerVersion: "20.10.24", DefaultRuntime: "runc", Runtimes: { runc: {} } },
  "GET /version": { Version: "20.10.24", Components: [{ Name: "Engine", Version: "20.10.24" }] },
  "GET /containers/json": [],
  "GET /volumes": { Volumes: [] },
  "GET /images/json": [],
};

/** Starts it. It makes images and no containers: whoever asks for one is refused, so that every start ends there. */
export async function startRecordingEngine(): Promise<RecordingEngine> {
  const images = new Map<string, string>();
  const labels = new Map<string, unknown>();
  const registry = new Map<string, string>();
  const answer = async (asked: string, connection: Connection, { query }: RecordedRequest) => {
    const [, name] = /^GET \/images\/(.+)\/json$/.exec(asked) ?? [];
    if (asked === "POST /build") {
      const tag = query.get("t") ?? "";
      images.set(tag, `sha256:built-${images.size}`);
      labels.set(tag, JSON.parse(query.get("labels") ?? "{}"));
      return stream(connection, { aux: { ID: images.get(tag) } });
    }
    if (asked === "POST /images/create") {
      const fetched = query.get("fromImage") ?? "";
      images.set(fetched, registry.get(fetched) ?? `sha256:fetched-${images.size}`);
      return stream(connection, { status: "Done" });
    }
    if (name !== undefined) {
      const known = decodeURIComponent(name);
      const id = [...images.values()].includes(known) ? known : images.get(known);
      return id === undefined
        ? reply(connection, 404, { message: "No such image" })
        : reply(connection, 200, { Id: id, Config: { Labels: labels.get(known) ?? {} } });
    }
    if (asked === "POST /containers/create") return reply(connection, 500, { message: "no room" });
    return reply(connection, 200, aboutItself[asked]);
  };
  const daemon: FakeDaemon = await startEchoDaemon((asked, connection, request) => {
    if (asked === "GET /_ping") return reply(connection, 200, "OK", pingHeaders);
    const isOurs = asked in aboutItself || /^(?:GET|POST) \/(?:images|build|containers\/create)/.test(asked);
    return isOurs ? answer(asked, connection, request) : undefined;
  });
  return {
    host: daemon.endpoint.shown,
    images,
    registry,
    get requests() {
      return daemon.requests.filter(({ path }) => path !== "/_ping");
    },
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

const pingHeaders = { "Api-Version": "1.41", "Builder-Version": "1", Server: "Docker/20.10.24 (linux)" };

/** True, which says that it was dealt with. */
async function reply(
  connection: Connection,
  status: number,
  body: unknown,
  headers?: Record<string, string>,
): Promise<true> {
  await connection.send(renderReply(status, body, headers));
  connection.end();
  return true;
}

async function stream(connection: Connection, message: unknown): Promise<true> {
  await connection.send(streamHead);
  await connection.send(renderChunk(`${JSON.stringify(message)}\n`));
  await connection.send(renderChunk(""));
  connection.end();
  return true;
}
