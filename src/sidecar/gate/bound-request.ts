/** Reads one request to a host whose TLS the gate opens, and renders what goes on: our own framing, no encodings, real values. */
import { requestHopHeaders } from "./hop-headers.ts";
import type { IncomingMessage } from "node:http";
import { putValuesIn } from "./bound-headers.ts";
import type { BoundValue, Header } from "./bound-headers.ts";
import { mayPass } from "./bound-passing.ts";
import { findPlaceholders } from "./bound-watch.ts";
import type { WatchedPlaceholder } from "./bound-watch.ts";
import { Refusal } from "./refusal.ts";

/** What concerns this hop only, and what is rewritten */
const rewritten: ReadonlySet<string> = new Set([
  ...requestHopHeaders,
  "accept-encoding",
  "content-length",
  "http2-settings",
]);
/** A request of these without a length has an empty body */
const bodyMethods: ReadonlySet<string> = new Set(["PATCH", "POST", "PUT"]);

export interface BoundRequest {
  readonly method: string;
  /** Path and query as sent */
  readonly path: string;
  /** For the upstream, with real values in their places */
  readonly headers: readonly Header[];
  /** Names, in lower case, of those that could ask for something else than the whole answer as it is */
  readonly leftOut: readonly string[];
  /** Secrets whose value was put in */
  readonly used: readonly string[];
  /** Secrets whose placeholder stands where nothing is put in */
  readonly blocked: readonly { readonly name: string; readonly where: "address" | "header" }[];
  readonly hasBody: boolean;
}

/** `values` are those of this host. Throws a `Refusal` for what two programs could read differently. */
export function readBoundRequest(
  incoming: Pick<IncomingMessage, "method" | "url" | "rawHeaders">,
  host: string,
  values: readonly BoundValue[],
  watched: readonly WatchedPlaceholder[],
): BoundRequest {
  const { method = "", url: path = "" } = incoming;
  const received = pairUp(incoming.rawHeaders);
  if (!/^\/[\x21-\x7e]*$/.test(path) && !(path === "*" && method === "OPTIONS"))
    throw new Refusal("malformed", "the address must begin with a slash", 400);
  const framing = readFraming(received, host);
  const named = new Set(
    valuesOf(received, "connection").flatMap((value) => value.toLowerCase().split(/[\s,]+/)),
  );
  const ofMessage = received.filter(([name]) => {
    const key = name.toLowerCase();
    return !rewritten.has(key) && !named.has(key) && !key.startsWith("proxy-");
  });
  const passed = ofMessage.filter(([name]) => mayPass(name.toLowerCase()));
  const leftOut = ofMessage.map(([name]) => name.toLowerCase()).filter((name) => !mayPass(name));
  const { headers, used } = putValuesIn(passed, values);
  const elsewhere = findPlaceholders(headers.map(([name, value]) => `${name}: ${value}`).join("\n"), watched);
  return {
    method,
    path,
    headers: [
      ["Host", host],
      // What is compressed cannot be looked through as it passes
      ["Accept-Encoding", "identity"],
      ...headers,
      ...renderFraming(framing, method),
    ],
    leftOut: [...new Set(leftOut)],
    used,
    blocked: [
      ...findPlaceholders(path, watched).map((name) => ({ name, where: "address" as const })),
      ...elsewhere.map((name) => ({ name, where: "header" as const })),
    ],
    hasBody: framing !== "none" && framing !== 0,
  };
}

export type Framing = "none" | "chunked" | number;

/** How a request to this host says where its body ends. The parser has refused a body with both lengths before; this is the rest. */
export function readFraming(headers: readonly Header[], host: string): Framing {
  const hosts = valuesOf(headers, "host");
  const asked = (hosts[0] ?? "").toLowerCase().replace(/:443$/, "");
  if (hosts.length !== 1 || asked !== host)
    throw new Refusal("malformed", "its Host header names another host than the tunnel", 421);
  const encodings = valuesOf(headers, "transfer-encoding");
  const lengths = valuesOf(headers, "content-length");
  if (encodings.length + lengths.length > 1)
    throw new Refusal("malformed", "its body has more than one length", 400);
  if (encodings.length === 1) {
    if (encodings[0]?.toLowerCase() === "chunked") return "chunked";
    throw new Refusal("malformed", "its Transfer-Encoding is not chunked", 400);
  }
  if (lengths.length === 0) return "none";
  if (/^(0|[1-9]\d{0,14})$/.test(lengths[0] ?? "")) return Number(lengths[0]);
  throw new Refusal("malformed", "its Content-Length is not one decimal number", 400);
}

/** As headers for the host. */
export function renderFraming(framing: Framing, method: string): Header[] {
  if (framing === "chunked") return [["Transfer-Encoding", "chunked"]];
  if (framing !== "none") return [["Content-Length", String(framing)]];
  return bodyMethods.has(method) ? [["Content-Length", "0"]] : [];
}

/** From Node's list of names and values in turn. */
export function pairUp(rawHeaders: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    pairs.push([rawHeaders[at] ?? "", rawHeaders[at + 1] ?? ""]);
  return pairs;
}

function valuesOf(headers: readonly Header[], wanted: string): string[] {
  return headers.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []));
}
