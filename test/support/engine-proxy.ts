/** Stands between the program and a real engine, tells the calls apart, and spoils those that a test picks. */
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { renderReply } from "./fake-daemon.ts";

export interface EngineCall {
  /** Without what differs from run to run: `POST /containers/create BOTTLE-gate` */
  readonly kind: string;
  readonly method: string;
  /** As it was sent, without the version and the query */
  readonly path: string;
  /** Name of the object that is created, if one is */
  readonly name: string;
}

/**
 * What becomes of a call. `refused`: the engine never hears of it and 500 is answered; `lost`: the engine does it, and the connection
 * breaks before the answer; `half`: it breaks in the middle of the answer; `garbage`: something that is no HTTP is answered.
 */
export type Fault =
  | { readonly kind: "none" | "lost" | "half" | "garbage" }
  | { readonly kind: "refused"; readonly status: number; readonly message: string }
  | { readonly kind: "slow"; readonly milliseconds: number };

export interface EngineProxy extends AsyncDisposable {
  /** For DOCKER_HOST */
  readonly host: string;
  /** All that was asked for, in order */
  readonly calls: readonly EngineCall[];
}

/** Begins to relay. `decide` is asked for every call before the engine hears of it, and may do something of its own first. */
export async function startEngineProxy(
  engineSocket: string,
  decide: (call: EngineCall) => Fault | Promise<Fault>,
): Promise<EngineProxy> {
  const folder = await mkdtemp(join(tmpdir(), "engine-proxy-"));
  const calls: EngineCall[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    sockets.add(client);
    client.on("error", () => undefined).on("close", () => sockets.delete(client));
    void readHead(client).then(async (bytes) => {
      if (!bytes) return client.destroy();
      const call = describeCall(bytes.toString("latin1"));
      calls.push(call);
      return relay(client, engineSocket, bytes, await decide(call));
    });
  });
  const path = join(folder, "engine.sock");
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    calls,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Everything up to the end of the request's head, and what came with it; undefined if the client leaves before. */
function readHead(client: Socket): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (!bytes.includes("\r\n\r\n")) return;
      client.pause();
      client.off("data", onData);
      resolve(bytes);
    };
    client.on("data", onData);
    client.once("close", () => resolve(undefined)).once("end", () => resolve(undefined));
  });
}

function describeCall(head: string): EngineCall {
  const [method = "", target = ""] = head.split(" ", 2);
  const url = new URL(target, "http://engine");
  const path = url.pathname.replace(/^\/v\d+\.\d+/, "");
  const body = head.slice(head.indexOf("\r\n\r\n"));
  const name = url.searchParams.get("name") ?? /"Name":"([^"]+)"/.exec(body)?.[1] ?? "";
  const isCreate = path.endsWith("/create");
  const kind = `${method} ${path}${isCreate ? ` ${name}` : ""}`
    .replaceAll(/claude-bottle-[a-z]+-[a-z0-9]{6}/g, "BOTTLE")
    .replaceAll(/[0-9a-f]{64}/g, "ID");
  return { kind, method, path, name: isCreate ? name : "" };
}

async function relay(client: Socket, engineSocket: string, bytes: Buffer, fault: Fault): Promise<void> {
  if (fault.kind === "refused") {
    client.resume();
    client.end(renderReply(fault.status, { message: fault.message }));
    return;
  }
  if (fault.kind === "garbage") {
    client.resume();
    client.end("\u0000\u0001 this is no HTTP\n".repeat(20));
    return;
  }
  if (fault.kind === "slow") await setTimeout(fault.milliseconds);
  const engine = connect({ path: engineSocket, allowHalfOpen: true });
  engine.on("error", () => client.destroy());
  client.on("close", () => engine.destroy());
  engine.write(asOnlyRequest(bytes));
  client.pipe(engine);
  if (fault.kind === "lost" || fault.kind === "half") await spoilAnswer(client, engine, fault.kind);
  else engine.pipe(client);
}

/** One request to a connection, so that each is seen; a connection that is handed over keeps its own header. */
function asOnlyRequest(bytes: Buffer): Buffer {
  const text = bytes.toString("latin1");
  if (/\r\nupgrade:/i.test(text.slice(0, text.indexOf("\r\n\r\n")))) return bytes;
  const plain = text.replace(/\r\nConnection: [^\r]*/i, "").replace("\r\n", "\r\nConnection: close\r\n");
  return Buffer.from(plain, "latin1");
}

/** The first of the answer shows that the engine has done it. */
async function spoilAnswer(client: Socket, engine: Socket, kind: "lost" | "half"): Promise<void> {
  const first = await new Promise<Buffer>((resolve) => {
    engine.once("data", resolve).once("close", () => resolve(Buffer.alloc(0)));
  });
  if (kind === "half") client.write(first.subarray(0, Math.ceil(first.length / 2)), () => client.destroy());
  else client.destroy();
  engine.destroy();
}
