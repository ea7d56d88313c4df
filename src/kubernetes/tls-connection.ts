/** A connection to a cluster's API, through a proxy where there is one, over which a stream is asked for. */
import { connect as connectTcp } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { IncomingBytes } from "../core/incoming-bytes.ts";
import { readAnswerHead } from "../core/upgrade-answer.ts";
import type { Access, Credential } from "./access.ts";
import { makeTlsOptions } from "./request.ts";

export interface Connection {
  readonly incoming: IncomingBytes;
  /** Resolves when the kernel has taken it. Rejects with a `code` if the other side has closed */
  write(data: Uint8Array | string): Promise<void>;
  destroy(): void;
  /** Resolves when the connection is gone, for whatever reason */
  readonly closed: Promise<void>;
}

/** Rejects with the system's error, or the signal's reason; then nothing is open. */
export async function openConnection(
  access: Access,
  credential: Credential,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const { hostname, port } = new URL(access.url);
  // An IPv6 address stands in brackets in a URL only
  const host = hostname.replaceAll(/[[\]]/g, "");
  const place = { host, port: Number(port || "443") };
  const below = access.proxy === undefined ? undefined : await openTunnel(access.proxy, place, signal);
  const { serverName = host, ...tls } = makeTlsOptions(access, credential);
  const socket = connectTls({
    ...tls,
    ...(below ? { socket: below } : place),
    // An address is no name to ask for; what the certificate bears is compared all the same
    ...(/^[\d.]+$|:/.test(serverName) ? {} : { servername: serverName }),
    ALPNProtocols: ["http/1.1"],
  });
  return wrap(await opened(socket, "secureConnect", signal));
}

/** `CONNECT` as HTTP has it. */
async function openTunnel(
  proxy: string,
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<Socket> {
  const url = new URL(proxy);
  if (url.protocol !== "http:")
    throw Object.assign(new Error("the proxy is not reached by http://"), { code: "UNSUPPORTED_PROXY" });
  const plain = connectTcp({ host: url.hostname.replaceAll(/[[\]]/g, ""), port: Number(url.port || "80") });
  const socket = await opened(plain, "connect", signal);
  const target = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const words = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const account =
    url.username === "" ? "" : `Proxy-Authorization: Basic ${Buffer.from(words).toString("base64")}\r\n`;
  const connection = wrap(socket);
  const abort = () => connection.destroy();
  signal.addEventListener("abort", abort);
  try {
    await connection.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${account}\r\n`);
    const { status } = await readAnswerHead(connection.incoming);
    if (status !== 200) throw new Error(`the proxy answers ${status}`);
    socket.removeAllListeners("data");
    return socket;
  } catch (error) {
    connection.destroy();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function opened(socket: Socket, event: "connect" | "secureConnect", signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => {
      signal.removeEventListener("abort", abort);
      reject(cause);
      socket.destroy();
    };
    const abort = () => fail(signal.reason);
    const lost = () => fail(Object.assign(new Error("The connection was closed"), { code: "ECONNRESET" }));
    signal.addEventListener("abort", abort);
    socket.once("error", fail).once("close", lost);
    socket.once(event, () => {
      signal.removeEventListener("abort", abort);
      socket.off("error", fail).off("close", lost);
      resolve(socket);
    });
  });
}

function wrap(socket: Socket): Connection {
  const destroy = () => void socket.destroy();
  const incoming = new IncomingBytes({
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    destroy,
  });
  const end = () => incoming.end();
  // An error without a listener would end the process; the output's end says it
  socket.on("data", (data: Buffer) => incoming.push(data)).on("error", end);
  socket.once("end", end);
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      end();
      resolve();
    });
  });
  return {
    incoming,
    write: (data) =>
      new Promise((resolve, reject) => {
        socket.write(data, (error) => (error ? reject(error) : resolve()));
      }),
    destroy,
    closed,
  };
}
