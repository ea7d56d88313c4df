/** The stand-in for the API as a container, which joins the egress network of every bottle of its run as soon as there is one. */
import { join } from "node:path";
import {
  createContainer,
  killAndRemoveContainer,
  readLogs,
  startContainer,
} from "../../../src/engine/containers.ts";
import { putArchive } from "../../../src/engine/put-archive.ts";
import { isNotFound } from "../../../src/engine/engine-error.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { demultiplex } from "../../../src/engine/frames.ts";
import { connectNetwork, listNetworks } from "../../../src/engine/networks.ts";
import { openEvents } from "../../../src/engine/system.ts";
import { makeTar } from "../../../src/archive/small-tar.ts";
import type { TestAuthority } from "../test-authority.ts";

/** One request as the stand-in saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly authorization?: string;
  readonly apiKey?: string;
  readonly beta?: string;
  /** Their names */
  readonly headers: readonly string[];
  readonly contentType?: string;
  /** Why the gate would refuse the body */
  readonly problem?: string;
  /** Size of the body */
  readonly bytes: number;
}

export interface ApiContainerOptions {
  readonly name: string;
  readonly image: string;
  /** `key=value`; bottles that carry it are served */
  readonly label: string;
  /** Names by which bottles find it */
  readonly names: readonly string[];
  readonly authority: TestAuthority;
  /** The one token that it accepts */
  readonly token: string;
}

export interface ApiContainer {
  requests(): Promise<SeenRequest[]>;
  stop(): Promise<void>;
}

/** Starts it and waits until it listens. */
export async function startApiContainer(engine: Engine, options: ApiContainerOptions): Promise<ApiContainer> {
  const [key = "", value = ""] = options.label.split("=");
  const { id } = await createContainer(engine, options.name, {
    Image: options.image,
    Entrypoint: [],
    Cmd: ["node", "/srv/api.cjs"],
    User: "0:0",
    Env: [`API_TOKEN=${options.token}`],
    Labels: { [key]: value },
    HostConfig: { Init: true },
  });
  await putArchive(engine, id, "/", await makeFiles(options.authority));
  await startContainer(engine, id);
  const following = await followNetworks(engine, id, options);
  await waitUntilListening(engine, id);
  return {
    requests: () => readRequests(engine, id),
    async stop() {
      following.abort();
      await killAndRemoveContainer(engine, id);
    },
  };
}

async function makeFiles(authority: TestAuthority): Promise<Uint8Array> {
  const bundle = await Bun.build({
    entrypoints: [join(import.meta.dir, "api-server.ts")],
    target: "node",
    format: "cjs",
  });
  const program = await bundle.outputs[0]?.text();
  if (!bundle.success || program === undefined)
    throw new AggregateError(bundle.logs, "Cannot bundle the API stand-in");
  return makeTar([
    { path: "srv/api.cjs", mode: 0o644, content: program },
    { path: "srv/cert.pem", mode: 0o644, content: authority.cert },
    { path: "srv/key.pem", mode: 0o600, content: authority.key },
  ]);
}

/** Events are heard from before they are needed, so no network can be missed; what was there already is looked up once. */
async function followNetworks(
  engine: Engine,
  id: string,
  options: ApiContainerOptions,
): Promise<AbortController> {
  const stop = new AbortController();
  const events = await openEvents(engine, { type: ["network"], event: ["create"] }, stop.signal);
  const follow = async () => {
    for await (const event of events) {
      const networks = await listNetworks(engine, [options.label]);
      const created = networks.find(
        (network) => network.id === event.Actor.ID && network.name.endsWith("-egress"),
      );
      if (!created) continue;
      const endpoint = { aliases: options.names, ipv4Address: lastAddress(created.subnets[0] ?? "") };
      await connectNetwork(engine, created.id, id, endpoint).catch(unlessGone);
    }
  };
  follow().catch((error: unknown) => {
    if (!stop.signal.aborted) console.error("The API stand-in lost the engine's events:", error);
  });
  return stop;
}

/** A network that is gone again needs nobody; any other failure would be met later as an API that does not answer. */
function unlessGone(error: unknown): void {
  if (!isNotFound(error)) console.error("The API stand-in cannot join a bottle's network:", error);
}

async function waitUntilListening(engine: Engine, id: string): Promise<void> {
  let seen = "";
  for await (const frame of demultiplex(readLogs(engine, id, { follow: true }))) {
    seen += Buffer.from(frame.data).toString("utf8");
    if (seen.includes('"listening"')) return;
  }
  throw new Error(`The API stand-in ended: ${seen}`);
}

async function readRequests(engine: Engine, id: string): Promise<SeenRequest[]> {
  let text = "";
  for await (const frame of demultiplex(readLogs(engine, id, { follow: false })))
    text += Buffer.from(frame.data).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line.startsWith('{"event":"request"'))
    .map((line) => JSON.parse(line) as SeenRequest);
}

/** The last of a /29's addresses: the first are the bottle's own, which it has decided on already. */
function lastAddress(subnet: string): string {
  const [address = ""] = subnet.split("/");
  const bytes = address.split(".").map(Number);
  return [...bytes.slice(0, 3), (bytes[3] ?? 0) + 6].join(".");
}
