/** One exchange of the catalogue with a running filter. */
import { connect as connectTls } from "node:tls";
import type { TLSSocket } from "node:tls";
import type { Socket } from "node:net";
import { fill } from "./catalogue/exchange.ts";
import type { Exchange } from "./catalogue/exchange.ts";
import type { ExchangeAnswer, HttpAnswer } from "./contract.ts";
import { normaliseText } from "./normalise.ts";
import type { Names } from "./normalise.ts";
import { dial, readAnswer, showBytes, Wire } from "./wire.ts";

type Said = Pick<ExchangeAnswer, "connect" | "tls" | "answer" | "end">;

export interface ExchangeWorld {
  readonly port: number;
  readonly ports: Readonly<Record<string, number>>;
  readonly names: Names;
}

/** What closes a connection after an answer does so within a second or so */
const closesMs = 5_000;

/** Sends it and reads all that is answered; the connection is closed then. */
export async function makeExchange(exchange: Exchange, world: ExchangeWorld): Promise<Said> {
  const wire = await dial(world.port);
  try {
    if (exchange.connect === undefined) return await askPlainly(exchange, wire, world);
    return await askThroughTunnel(exchange, exchange.connect, wire, world);
  } finally {
    wire.stream.destroy();
  }
}

async function askPlainly({ send = "" }: Exchange, wire: Wire, world: ExchangeWorld): Promise<Said> {
  wire.write(fill(send, world.ports));
  const answer = await readAnswer(wire, send.split(" ")[0] ?? "");
  return { ...show("answer", answer, world), end: await isOpen(wire) };
}

async function askThroughTunnel(
  exchange: Exchange,
  authority: string,
  wire: Wire,
  world: ExchangeWorld,
): Promise<Said> {
  const { connectHeaders = [], tls, send } = exchange;
  const target = fill(authority, world.ports);
  const host = connectHeaders.some((line) => line.startsWith("Host:")) ? [] : [`Host: ${target}`];
  const headers = connectHeaders.map((line) => fill(line, world.ports));
  wire.write([`CONNECT ${target} HTTP/1.1`, ...host, ...headers, "", ""].join("\r\n"));
  const connected = await readAnswer(wire, "CONNECT");
  const said = show("connect", connected, world);
  if (!connected?.status.includes(" 200 ")) return { ...said, end: await isOpen(wire) };
  if (tls !== undefined) return { ...said, ...(await askByTls(exchange, wire, world)) };
  // A tunnel that carries nothing is told of some time after its end
  const bytes = fill(send ?? "x", world.ports).replace("{wait}", "hello");
  wire.write(bytes);
  const echoed = await wire.read((some) => (some.length >= bytes.length ? some.length : undefined));
  if (send?.includes("{wait}")) await wire.read(() => undefined);
  return {
    ...said,
    answer: showBytes(echoed),
    ...(echoed.length < bytes.length ? { end: "closed" as const } : {}),
  };
}

async function askByTls(
  { tls: servername = "", send: written = "", watchesEnd = false }: Exchange,
  wire: Wire,
  world: ExchangeWorld,
): Promise<Said> {
  const send = fill(written, world.ports);
  wire.stream.removeAllListeners("data");
  const inner = connectTls({
    socket: wire.stream as Socket,
    ...(servername === "" ? {} : { servername }),
    rejectUnauthorized: false,
    ALPNProtocols: ["http/1.1"],
  });
  const problem = await new Promise<string | undefined>((resolve) => {
    inner.once("secureConnect", () => resolve(undefined));
    for (const event of ["error", "close"]) inner.once(event, () => resolve("none: closed"));
  });
  if (problem !== undefined) return { tls: problem };
  const tls = describeTls(inner);
  const secure = new Wire(inner);
  secure.write(send);
  const answer = await readAnswer(secure, send.split(" ")[0] ?? "");
  const answered = show("answer", answer, world);
  const end = watchesEnd ? await watchEnd(secure) : undefined;
  inner.destroy();
  return { tls, ...answered, ...(end === undefined ? {} : { end }) };
}

async function watchEnd(wire: Wire): Promise<"open" | "closed"> {
  const ended = wire.read((bytes) => (bytes.length > 0 ? 0 : undefined)).then(() => "closed" as const);
  return Promise.race([ended, Bun.sleep(closesMs).then(() => "open" as const)]);
}

function describeTls(socket: TLSSocket): string {
  return `${socket.getPeerCertificate().issuer?.CN ?? "unknown"}, ${socket.getProtocol()}, ${socket.alpnProtocol || "no protocol"}`;
}

/** Whether it takes another request; an answer with no end of its own has ended with the connection. */
async function isOpen(wire: Wire): Promise<"open" | "closed"> {
  wire.write("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  return (await readAnswer(wire, "GET")) ? "open" : "closed";
}

function show(key: "connect" | "answer", answer: HttpAnswer | undefined, { names }: ExchangeWorld): Said {
  if (!answer) return { [key]: "nothing" } as unknown as Said;
  const body = normaliseText(answer.body, names);
  const isNormalised = body !== answer.body || body.includes(": no such host");
  return {
    [key]: {
      status: answer.status,
      // Their order has no meaning, and nor has the length of what is normalised
      headers: answer.headers
        .filter((line) => !isNormalised || !line.startsWith("Content-Length"))
        .map((line) => normaliseText(line, names))
        .toSorted(),
      body,
    },
  };
}
