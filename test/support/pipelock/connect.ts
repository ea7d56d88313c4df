/** CONNECT: judged by host alone, any port; then a tunnel, which is passed or opened. */
import { isIP } from "node:net";
import type { Socket } from "node:net";
import type { Wire } from "../../../scripts/lib/filter-contract/wire.ts";
import type { Outcome, Request } from "./conversation.ts";
import { dial } from "./dial.ts";
import { findKeyHeader, holdsKey } from "./findings.ts";
import { awaitFirstBytes } from "./first-bytes.ts";
import { isListed, place } from "./hosts.ts";
import { openTls } from "./open-tls.ts";
import { beginRequest, logAs, logLine } from "./program.ts";
import type { Asked, Program } from "./program.ts";
import { recorded, recordedLife, renderAnswer } from "./recorded.ts";
import type { Swaps } from "./recorded.ts";

export interface Tunnel {
  readonly program: Program;
  readonly asked: Asked;
  readonly host: string;
  readonly port: number;
  /** `host:port` */
  readonly authority: string;
  readonly swaps: Swaps;
}

/** Hosts and ports that are answered by the record whatever is listed: no bottle has them */
const oddities: Readonly<Record<string, RegExp>> = {
  "host of random letters": /^k7f2m9q4x8z1w6t3b5n0v7c2\./,
  "address in hex": /^0x[0-9a-f]{8}:/,
  "address as a number": /^\d{9,10}:/,
  "port too high": /^localhost:65536$/,
  "port 0": /^localhost:0$/,
  "empty port": /^localhost:$/,
  "listed, with a trailing dot": /^localhost\.:/,
  "listed address with a trailing dot": /^127\.0\.0\.1\.:/,
};

export async function handleConnect(program: Program, request: Request, wire: Wire): Promise<Outcome> {
  const client = wire.stream as Socket;
  const [, bracketed, plain = "", digits] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(request.target) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? 443 : Number(digits);
  const authority = digits === undefined ? `${request.target}:443` : request.target;
  const asked = beginRequest(program, client.remoteAddress ?? "");
  const swaps = {
    "localhost:{echo}": authority,
    "localhost:{secure}": authority,
    "localhost:{closed}": authority,
  };
  const tunnel = { program, asked, host, port, authority, swaps };
  const refuse = (name: string, more: Swaps = {}, group = "tunnel") => {
    const exchange = recorded(group, name);
    logAs(exchange, asked, { ...swaps, ...more });
    wire.write(renderAnswer(exchange.connect, { ...swaps, ...more }, request.isLast));
    return "answered" as const;
  };
  if (program.isSwitchedOff) return denyAll(wire, asked);
  const odd = Object.keys(oddities).find((name) => oddities[name]?.test(request.target));
  if (odd !== undefined) return refuse(odd, oddSwaps(authority));
  if (!isListed(host, program.config.allowlist, true))
    return refuse("not listed", { "other.invalid:443": authority, "other.invalid": host });
  if (holdsKey(host))
    return refuse("host with a key", { "AKIAIOSFODNN7EXAMPLE.wild.invalid:443": authority });
  const named = findKeyHeader(request.headers, ["authorization", "proxy-authorization"]);
  if (named !== undefined) return refuse("key in Authorization", { Authorization: named });
  const found = await place(host, program.config);
  if (found.kind === "unknown")
    return refuse("does not resolve", { "unknown.invalid:443": authority, "unknown.invalid": host });
  if (found.kind === "internal" && isIP(host))
    return refuse("private address that is listed", { "10.9.8.7:443": authority, "10.9.8.7": host });
  if (found.kind === "internal") {
    const more = { "localhost resolves": `${host} resolves`, "{loopback}": found.address };
    return refuse("name that leads to loopback", more, "tunnel, no private address granted");
  }
  const upstream = await dial(found.address, port);
  if (!upstream) return refuse("nobody listens", { "127.0.0.1:{closed}": `${found.address}:${port}` });
  const early = wire.release();
  client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  await carry(tunnel, client, upstream, early);
  return "taken";
}

function oddSwaps(authority: string): Swaps {
  const port = /\d*$/.exec(authority)?.[0] ?? "";
  return { "{echo}": port };
}

function denyAll(wire: Wire, asked: Asked): Outcome {
  const [line = "", , event = "{}"] = recordedLife("SIGUSR1");
  logLine(event, {}, asked);
  const body = `${line.slice(line.indexOf("{"))}\n`;
  wire.write(
    `HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
  return "ended";
}

async function carry(tunnel: Tunnel, client: Socket, upstream: Socket, early: Buffer): Promise<void> {
  const { program, asked, host, swaps } = tunnel;
  const first = await awaitFirstBytes(client, early, host);
  if (first.refusal) {
    const { category, name } = first.refusal;
    const exchange = recorded(
      "tunnel",
      category === "mismatch" ? "TLS to another host" : "a first byte of TLS and no more of it",
    );
    logAs(exchange, asked, { localhost: host, "other.invalid": name, malformed_tls: category });
    upstream.destroy();
    client.destroySoon();
    return;
  }
  const { interception } = program.config;
  if (interception && !isListed(host, interception.passthrough, false)) {
    // A connection of its own follows for every request inside
    upstream.destroy();
    return openTls(tunnel, interception, client, first.bytes);
  }
  relay(tunnel, client, upstream, first.bytes, swaps);
}

function relay({ asked }: Tunnel, client: Socket, upstream: Socket, first: Buffer, swaps: Swaps): void {
  const exchange = recorded("tunnel", "one byte");
  logAs(exchange, asked, swaps, (line) => line.includes("tunnel_open"));
  let back = 0;
  upstream.on("data", (chunk: Buffer) => (back += chunk.length));
  upstream.write(first);
  client.pipe(upstream);
  upstream.pipe(client);
  const end = () => {
    client.destroySoon();
    upstream.destroySoon();
  };
  client.once("close", () => {
    end();
    const lines = exchange.log.filter((line) => line.includes("tunnel_close"));
    const log = lines.map((line) => line.replace('"total_bytes":1', `"total_bytes":${back}`));
    logAs({ ...exchange, log }, asked, swaps);
  });
  upstream.once("close", end);
}
