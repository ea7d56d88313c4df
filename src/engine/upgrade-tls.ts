/** The request for a raw stream over TLS. By node's client, whose `upgrade` event keeps the bytes that come together with the 101. */
import type { RawConnection, UpgradeRequest } from "./raw-connection.ts";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { makeTlsOptions } from "./endpoint.ts";
import type { Endpoint } from "./endpoint.ts";
import { upgradeRefused } from "./engine-error.ts";
import type { EngineError } from "./engine-error.ts";
import { IncomingBytes } from "../core/incoming-bytes.ts";
import { maxMessageBytes } from "../core/upgrade-answer.ts";

/** Connects and asks. Rejects with the engine's refusal, the system's error, or the signal's reason; then the connection is closed. */
export function upgradeTls(
  endpoint: Extract<Endpoint, { readonly kind: "tcp" }>,
  request: UpgradeRequest,
): Promise<RawConnection> {
  const { action, signal } = request;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const sent = send(endpoint, request);
    const abort = () => fail(signal.reason);
    const fail = (cause: unknown) => {
      signal.removeEventListener("abort", abort);
      reject(cause);
      sent.destroy();
    };
    signal.addEventListener("abort", abort);
    sent.on("upgrade", (_response: IncomingMessage, socket: Socket, head: Buffer) => {
      signal.removeEventListener("abort", abort);
      resolve(wrapSocket(socket, head));
    });
    sent.on("response", (response: IncomingMessage) => void readRefusal(response, action).then(fail, fail));
    sent.on("error", fail);
    sent.end(request.body);
  });
}

function send({ url, tls }: Extract<Endpoint, { readonly kind: "tcp" }>, { path, body }: UpgradeRequest) {
  const { hostname, port, host } = new URL(url);
  return httpsRequest({
    ...makeTlsOptions(tls),
    method: "POST",
    path,
    agent: false,
    // An IPv6 address stands in brackets in a URL only
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port,
    headers: {
      Host: host,
      Connection: "Upgrade",
      Upgrade: "tcp",
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
    },
  });
}

async function readRefusal(response: IncomingMessage, action: string | undefined): Promise<EngineError> {
  const status = response.statusCode ?? 0;
  let text = "";
  if (status >= 400) {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > maxMessageBytes) break;
    }
  }
  return upgradeRefused(status, text, action);
}

function wrapSocket(socket: Socket, head: Buffer): RawConnection {
  const destroy = () => void socket.destroy();
  const incoming = new IncomingBytes({
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    destroy,
  });
  incoming.push(head);
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
    endInput: () => void socket.end(),
    destroy,
    closed,
  };
}
