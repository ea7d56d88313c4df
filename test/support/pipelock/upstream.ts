/** The proxy as an HTTP client: one connection a request, over the safe dialler. */
import { existsSync, readFileSync } from "node:fs";
import { request as send } from "node:http";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { endToEndHeaders } from "./answers.ts";
import { dialSafely } from "./names.ts";
import type { Policy } from "./policy.ts";

const handshakeTimeoutMs = 10_000;

export interface Outgoing {
  readonly method: string;
  readonly isTls: boolean;
  readonly host: string;
  readonly port: number;
  /** Path and query, as the client wrote them */
  readonly path: string;
  /** As the client sent them; hop-by-hop ones are taken out here */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Ends everything, also an answer that has begun */
  readonly signal: AbortSignal;
}

/** Sends a request; resolves when the answer's head is there. */
export async function sendUpstream(policy: Policy, outgoing: Outgoing): Promise<IncomingMessage> {
  const { host, port, isTls, body, signal } = outgoing;
  const tcp = await dialSafely(host, port, {
    addresses: policy.addresses,
    trustedDomains: policy.config.trustedDomains,
  });
  const stop = () => tcp.destroy(new Error("timeout"));
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  tcp.once("close", () => signal.removeEventListener("abort", stop));
  try {
    const socket = isTls ? await secure(tcp, host) : tcp;
    return await exchange(socket, outgoing, authorityOf(host, port, isTls), body);
  } catch (error) {
    tcp.destroy();
    throw error;
  }
}

function exchange(
  socket: Socket,
  { method, path, headers }: Outgoing,
  authority: string,
  body: Buffer,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = endToEndHeaders(headers);
    delete sent["content-length"];
    const request = send({
      method,
      path,
      headers: {
        ...sent,
        // What the policy judged is what the server sees
        host: authority,
        ...(body.length > 0 || sent["content-type"] !== undefined
          ? { "content-length": String(body.length) }
          : {}),
        connection: "close",
      },
      createConnection: () => socket,
    });
    request.once("response", resolve);
    request.once("error", reject);
    request.end(body);
  });
}

function secure(tcp: Socket, host: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: tcp,
      ...(isIP(host) === 0 ? { servername: host } : { host }),
      ALPNProtocols: ["http/1.1"],
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      ...trust(),
    });
    const timer = setTimeout(() => socket.destroy(new Error("TLS handshake timeout")), handshakeTimeoutMs);
    socket.once("error", reject);
    socket.once("close", () => clearTimeout(timer));
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

/** `SSL_CERT_FILE` alone if it is set, otherwise the image's own store; never Node's built-in list. */
function trust(): { readonly ca: string } {
  const path = process.env["SSL_CERT_FILE"] ?? "/etc/ssl/certs/ca-certificates.crt";
  return { ca: existsSync(path) ? readFileSync(path, "utf8") : "" };
}

function authorityOf(host: string, port: number, isTls: boolean): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === (isTls ? 443 : 80) ? name : `${name}:${port}`;
}
