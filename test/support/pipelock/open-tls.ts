/** A tunnel whose TLS is opened: every request inside is looked through, and goes on over a connection of its own. */
import type { Socket } from "node:net";
import { createServer } from "node:tls";
import type { TLSSocket } from "node:tls";
import { makeLeaf } from "./authority.ts";
import type { Config } from "./config.ts";
import type { Tunnel } from "./connect.ts";
import { converse, header } from "./conversation.ts";
import type { Outcome, Request } from "./conversation.ts";
import type { Wire } from "../../../scripts/lib/filter-contract/wire.ts";
import { judge } from "./findings.ts";
import { place } from "./hosts.ts";
import { passAnswer, refusedAs } from "./pass-answer.ts";
import { logAs } from "./program.ts";
import { recorded, renderAnswer } from "./recorded.ts";
import type { Swaps } from "./recorded.ts";
import { sendUpstream } from "./upstream.ts";

type Interception = NonNullable<Config["interception"]>;

/** The record's connections end so after an answer, without having said it */
const closesMs = 1_000;

/** Resolves when the client's connection is closed. */
export async function openTls(
  tunnel: Tunnel,
  interception: Interception,
  client: Socket,
  first: Buffer,
): Promise<void> {
  const { asked, swaps } = tunnel;
  const session = recorded("opened", "request");
  logAs(session, asked, swaps, (line) => line.includes("tls_intercept"));
  const server = createServer({
    ...makeLeaf(tunnel.host, interception),
    ALPNProtocols: ["http/1.1"],
    minVersion: "TLSv1.2",
  });
  let hasFailed = false;
  const { localPort, remotePort } = client;
  server.once("secureConnection", (inner: TLSSocket) => {
    void converse(inner, async (request, wire) => {
      const outcome = await handle(tunnel, interception, request, wire);
      setTimeout(() => inner.destroy(), closesMs).unref();
      return outcome;
    });
  });
  server.once("tlsClientError", () => {
    hasFailed = true;
    logAs(recorded("opened", "no TLS"), asked, swaps, (line) => line.includes("handshake"));
    client.destroy();
  });
  await new Promise<void>((resolve) => {
    client.once("close", () => resolve());
    client.unshift(first);
    server.emit("connection", client);
  });
  // A client that has gone and one that was sent away are told of alike
  const noise = (line: string) => line.includes('"method":"close"');
  if (!hasFailed)
    logAs(session, asked, { "{proxy}": String(localPort), "{client}": String(remotePort) }, noise);
}

async function handle(
  tunnel: Tunnel,
  interception: Interception,
  request: Request,
  wire: Wire,
): Promise<Outcome> {
  const { asked, program, host, port, authority } = tunnel;
  const shown = port === 443 ? host : authority;
  const url = `https://${shown}${request.target}`;
  const base: Swaps = {
    "=https://localhost:{secure}/": url,
    "https://localhost:{secure}": `https://${shown}`,
    "localhost:{secure}": authority,
    GET: request.method,
    POST: request.method,
  };
  const refuse = (group: string, name: string, more: Swaps = {}) => {
    const exchange = recorded(group, name);
    logAs(exchange, asked, { ...base, ...more }, isOwn);
    wire.write(renderAnswer(exchange.answer, { ...base, ...more }, request.isLast));
    return "answered" as const;
  };
  const named = header(request, "host") ?? "";
  if (!isSame(named, host, port)) {
    const [name = "", digits = "443"] = named.split(":");
    const more = {
      "https://other.invalid:443/": `https://${name}:${digits}${request.target}`,
      "other.invalid vs": `${named} vs`,
    };
    return refuse("opened", "another host", more);
  }
  const finding = judge("opened", request, url);
  if (finding) {
    logAs(finding.exchange, asked, { ...base, ...finding.swaps }, isOwn);
    wire.write(renderAnswer(finding.exchange.answer, { ...base, ...finding.swaps }, request.isLast));
    return "answered";
  }
  const found = await place(host, program.config);
  if (found.kind !== "good") return "ended";
  const to = { address: found.address, port, isTls: true, host, authority: named };
  const answer = await sendUpstream(to, request, request.target);
  // The record has no answer for an upstream that goes away behind an opened tunnel
  if (typeof answer === "string") return "ended";
  const page = refusedAs("opened", answer, interception.maxResponseBytes);
  if (page !== undefined) return refuse("opened, answers", page, { [page]: request.target });
  await passAnswer("opened", answer, {
    wire,
    request,
    maxBytes: interception.maxResponseBytes,
    tell: (name, which) =>
      logAs(recorded("opened, answers", name), asked, { ...base, [name]: request.target }, which),
  });
  return "answered";
}

/** Lines about the tunnel around it come at its beginning and end. */
function isOwn(line: string): boolean {
  return !line.includes("tls_intercept") && !line.includes('"method":"close"');
}

/** Host and port of the request must be those of CONNECT. */
function isSame(named: string, host: string, port: number): boolean {
  const [, name = "", digits = "443"] = /^(.*?)(?::(\d+))?$/.exec(named) ?? [];
  return name.toLowerCase() === host.toLowerCase() && digits === String(port);
}
