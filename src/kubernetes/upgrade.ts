/**
 * Asks a cluster's API for a WebSocket, by HTTP/1.1 as it stands on the connection. The runtime's own WebSocket says nothing of a refusal but
 * that there was one, and takes in whatever comes however slow its reader is.
 */
import { createHash, randomBytes } from "node:crypto";
import { readAnswerHead, readAnswerText } from "../core/upgrade-answer.ts";
import type { Access } from "./access.ts";
import { apiErrorFrom, ApiError, transportError } from "./api-error.ts";
import { protocols } from "./channels.ts";
import { makeHeaders, renderQuery } from "./request.ts";
import type { RequestOptions } from "./request.ts";
import { openConnection } from "./tls-connection.ts";
import type { Connection } from "./tls-connection.ts";

export interface OpenWebSocket {
  readonly connection: Connection;
  /** One of those that were offered */
  readonly protocol: string;
}

/** What RFC 6455 has a server prove itself with */
const proof = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const openingMs = 30_000;

/** The time limit and a refused credential concern the opening alone; the signal ends the stream later on, too. */
export async function openWebSocket(
  access: Access,
  path: string,
  options: RequestOptions,
): Promise<OpenWebSocket> {
  const { signal, timeoutMs = openingMs } = options;
  signal?.throwIfAborted();
  const opening = new AbortController();
  const abort = () => opening.abort(signal?.reason);
  const expire = () => opening.abort(new DOMException("No answer in time", "TimeoutError"));
  const limit = timeoutMs === false ? undefined : setTimeout(expire, timeoutMs);
  signal?.addEventListener("abort", abort);
  const target = `${path}${renderQuery(options.query)}`;
  const ask = (isRefused: boolean) => askOnce(access, target, options, { signal: opening.signal, isRefused });
  try {
    return await ask(false).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 401) return ask(true);
      throw error;
    });
  } catch (cause) {
    throw transportError(cause, { ...options, timeoutMs });
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener("abort", abort);
  }
}

async function askOnce(
  access: Access,
  target: string,
  { action }: RequestOptions,
  { signal, isRefused }: { readonly signal: AbortSignal; readonly isRefused: boolean },
): Promise<OpenWebSocket> {
  const credential = await access.credential(isRefused);
  const connection = await openConnection(access, credential, signal);
  const abort = () => connection.destroy();
  signal.addEventListener("abort", abort);
  try {
    const key = randomBytes(16).toString("base64");
    await connection.write(
      renderRequest(access.url, target, [...makeHeaders(access, credential), ["Sec-WebSocket-Key", key]]),
    );
    const head = await readAnswerHead(connection.incoming);
    const { status, headers } = head;
    if (status !== 101) {
      const text = await readAnswerText(connection.incoming, head);
      const shown = status < 300 ? 502 : status;
      throw apiErrorFrom({ status: shown, retryAfter: headers.get("retry-after"), text }, action);
    }
    const protocol = headers.get("sec-websocket-protocol") ?? "";
    const isProven =
      headers.get("sec-websocket-accept") === createHash("sha1").update(`${key}${proof}`).digest("base64");
    if (!isProven || !(Object.values(protocols) as string[]).includes(protocol))
      throw new ApiError({ action, state: "what answers does not speak WebSocket as a cluster does" });
    return { connection, protocol };
  } catch (error) {
    connection.destroy();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function renderRequest(url: string, target: string, headers: readonly (readonly [string, string])[]): string {
  const { host, pathname } = new URL(url);
  const lines = [
    `GET ${pathname.replace(/\/$/, "")}${target} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Protocol: ${Object.values(protocols).join(", ")}`,
    ...headers.map(([name, value]) => `${name}: ${value.replaceAll(/[\r\n]/g, "")}`),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
