/** Answers of the proxy itself, in the exact form of the real program's HTTP server. */
import { STATUS_CODES } from "node:http";
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Hop-by-hop headers, which neither request nor answer passes on (RFC 9110 §7.6.1) */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const lingerMs = 500;

export type HeaderValues = Record<string, string | string[]>;

/** A refusal as text, over a response object. */
export function sendError(response: ServerResponse, status: number, text: string, hint?: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = `${text}\n`;
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "Content-Length": Buffer.byteLength(body),
    ...(hint ? { "X-Pipelock-Hint": hint } : {}),
  });
  response.end(body);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(`${JSON.stringify(value)}\n`);
}

/** A refusal of CONNECT, which ends the connection. */
export function refuseConnect(socket: Duplex, status: number, text: string, hint?: string): void {
  endWith(socket, status, "text/plain; charset=utf-8", `${text}\n`, [
    "X-Content-Type-Options: nosniff",
    ...(hint ? [`X-Pipelock-Hint: ${hint}`] : []),
  ]);
}

/** The kill switch answers CONNECT with JSON, as it does everything. */
export function refuseConnectAsJson(socket: Duplex, status: number, value: unknown): void {
  endWith(socket, status, "application/json", `${JSON.stringify(value)}\n`, []);
}

/** Every header but the hop-by-hop ones and those that `Connection` names. */
export function endToEndHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): HeaderValues {
  const words = String(headers["connection"] ?? "")
    .toLowerCase()
    .split(",");
  const named = new Set(words.map((name) => name.trim()));
  const kept: HeaderValues = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || hopByHop.has(name) || named.has(name)) continue;
    // The caller's claim to be some agent never leaves
    if (name !== "x-pipelock-agent") kept[name] = value;
  }
  return kept;
}

function endWith(socket: Duplex, status: number, type: string, body: string, more: readonly string[]): void {
  if (socket.destroyed) return;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    `Content-Type: ${type}`,
    ...more,
    `Date: ${new Date().toUTCString()}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  // Closing over unread bytes would reset the connection and lose the answer
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("end", () => socket.destroy());
  socket.once("close", () => clearTimeout(timer));
}
