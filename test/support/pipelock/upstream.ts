/** The filter as a client: one request on a connection of its own, and the answer as it comes. */
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { endOfHead, readChunks, Wire } from "../../../scripts/lib/filter-contract/wire.ts";
import type { Request } from "./conversation.ts";
import { dial } from "./dial.ts";

export interface Upstream {
  readonly address: string;
  readonly port: number;
  readonly isTls: boolean;
  /** As it is written */
  readonly host: string;
  /** What goes as Host */
  readonly authority: string;
}

export interface Answer {
  readonly status: number;
  /** Behind the version */
  readonly statusText: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The rest of the answer; none for a stream of events, which is read as it comes */
  readonly body: Buffer;
  readonly stream: Wire | undefined;
  /** It ended before it was whole */
  readonly isCut: boolean;
}

export type Sent = Answer | "nobody" | "nothing" | "garbage";

/** Headers of one hop, which neither request nor answer passes on */
const oneHop =
  "connection keep-alive te trailer transfer-encoding upgrade proxy-authorization proxy-authenticate".split(
    " ",
  );
const dropped = [...oneHop, "content-length", "host", "x-pipelock-agent"];

/** Every header but those of one hop and those that `Connection` names. */
export function passedHeaders(headers: Request["headers"], isAnswer: boolean) {
  const named = headers
    .filter(([name]) => name.toLowerCase() === "connection")
    .flatMap(([, value]) => value.toLowerCase().split(/ *, */));
  const gone = new Set([...(isAnswer ? [...oneHop, "date"] : dropped), ...named]);
  return headers
    .filter(([name]) => !gone.has(name.toLowerCase()))
    .map(([name, value]) => [canonical(name), value] as const);
}

/** `etag` as `Etag` */
function canonical(name: string): string {
  return name.toLowerCase().replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** Sends it. `path` is that of the request line. */
export async function sendUpstream(
  to: Upstream,
  request: Request,
  path: string,
  more: readonly string[] = [],
): Promise<Sent> {
  const tcp = await dial(to.address, to.port);
  if (!tcp) return "nobody";
  const stream = to.isTls ? await secure(tcp, to.host) : tcp;
  if (!stream) return "nobody";
  const wire = new Wire(stream);
  const isChunked = request.headers.some(([name]) => name.toLowerCase() === "transfer-encoding");
  const hasBody = request.body.length > 0 || request.method === "POST";
  const headers = passedHeaders(request.headers, false).map(([name, value]) => `${name}: ${value}`);
  const hasAgent = headers.some((line) => line.startsWith("User-Agent:"));
  const head = [
    `${request.method} ${path} HTTP/1.1`,
    `Host: ${to.authority}`,
    ...headers,
    ...(hasAgent ? [] : ["User-Agent: Go-http-client/1.1"]),
    ...(isChunked
      ? ["Transfer-Encoding: chunked"]
      : hasBody
        ? [`Content-Length: ${request.body.length}`]
        : []),
    ...(request.isLast ? ["Connection: close"] : []),
    ...more,
  ];
  wire.write(`${head.join("\r\n")}\r\n\r\n`);
  const body = request.body.toString("latin1");
  wire.write(isChunked ? `${request.body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body);
  return readAnswer(wire, request.method);
}

async function readAnswer(wire: Wire, method: string): Promise<Sent> {
  const head = (await wire.read(endOfHead)).toString("latin1");
  if (head === "") return "nothing";
  const [line = "", ...lines] = head.trimEnd().split("\r\n");
  const [, statusText = ""] = /^HTTP\/1\.[01] (\d{3}.*)$/.exec(line) ?? [];
  if (statusText === "") return "garbage";
  const headers = lines.map(
    (one) => [one.slice(0, one.indexOf(":")), one.slice(one.indexOf(":") + 1).trim()] as const,
  );
  const value = (name: string) => headers.find(([one]) => one.toLowerCase() === name)?.[1];
  const status = Number(statusText.slice(0, 3));
  const answer = { status, statusText, headers, body: Buffer.alloc(0), stream: undefined, isCut: false };
  if (method === "HEAD" || status === 204 || status === 304) return answer;
  if ((value("content-type") ?? "").startsWith("text/event-stream")) return { ...answer, stream: wire };
  if (/chunked/i.test(value("transfer-encoding") ?? "")) return { ...answer, body: await readChunks(wire) };
  const length = value("content-length");
  const wanted = length === undefined ? Infinity : Number(length);
  const body = await wire.read((bytes) => (bytes.length >= wanted ? wanted : undefined));
  wire.stream.destroy();
  return { ...answer, body, isCut: length !== undefined && body.length < wanted };
}

function secure(tcp: Socket, host: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connectTls({
      socket: tcp,
      ...(isIP(host) === 0 ? { servername: host } : { host }),
      minVersion: "TLSv1.2",
      ...trust(),
    });
    socket.once("secureConnect", () => resolve(socket));
    socket.on("error", () => resolve(undefined));
  });
}

/** `SSL_CERT_FILE` alone if it is set, otherwise the image's own store; never Node's built-in list. */
function trust(): { readonly ca: string } {
  const path = process.env["SSL_CERT_FILE"] ?? "/etc/ssl/certs/ca-certificates.crt";
  return { ca: existsSync(path) ? readFileSync(path, "utf8") : "" };
}
