/** Understands one request in absolute form for plain http, as strictly as a CONNECT, so that nobody behind us can read it otherwise. */
import { requestHopHeaders } from "./hop-headers.ts";
import { parseHostName } from "../../core/host-name.ts";
import { headerLine } from "./connect-request.ts";
import type { ConnectRequest } from "./connect-request.ts";
import { Refusal } from "./refusal.ts";

export interface PlainRequest {
  readonly method: string;
  /** Canonical */
  readonly host: string;
  readonly port: number;
  /** Path and query as sent, beginning with a slash */
  readonly path: string;
  /** End-to-end headers in their order, without Host and what frames the body */
  readonly headers: readonly Header[];
  /** Bytes of body that follow the head */
  readonly bodyLength: number;
  /** Why it cannot be passed on even if its host is granted: two programs could read it differently */
  readonly problem: Refusal | undefined;
}

const plainPort = 80;
/** More is blocked by pipelock anyway, which reads a body whole */
const maxBodyBytes = 5 * 1024 * 1024;
const requestLine = /^([A-Z]+) http:\/\/([^/?#@:]+)(?::(\d{1,5}))?(\/[\x21\x24-\x7e]*)? HTTP\/1\.[01]$/i;
const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** What concerns this hop only or tells about it, and what is rewritten */
const hopHeaders: ReadonlySet<string> = new Set([...requestHopHeaders, "content-length", "forwarded", "via"]);

/** Reads the head. Undefined if it is not for plain http in this form; then the reader of CONNECT says why it is refused. */
export function parsePlainRequest(head: string): PlainRequest | undefined {
  const [line = "", ...lines] = head.split("\r\n");
  const [, method = "", name = "", digits = String(plainPort), path = "/"] = requestLine.exec(line) ?? [];
  const parsed = parseHostName(name);
  const port = readPort(digits);
  if (!methods.has(method) || !parsed.ok || port === undefined || !lines.every((one) => headerLine.test(one)))
    return undefined;
  const headers = lines.map((one) => splitHeader(one));
  const named = new Set(
    valuesOf(headers, "connection").flatMap((value) => value.toLowerCase().split(/[\s,]+/)),
  );
  const target = { host: parsed.host, port };
  return {
    method,
    ...target,
    path,
    headers: headers.filter(([key]) => !hopHeaders.has(key) && !key.startsWith("proxy-") && !named.has(key)),
    bodyLength: Number(valuesOf(headers, "content-length")[0] ?? 0),
    problem: findProblem(headers, target),
  };
}

/** Written one way only. */
function readPort(digits: string): number | undefined {
  const port = Number(digits);
  return port >= 1 && port <= 65_535 && String(port) === digits ? port : undefined;
}

type Header = readonly [name: string, value: string];

function findProblem(headers: readonly Header[], target: ConnectRequest): Refusal | undefined {
  const refuse = (state: string, status: number) => new Refusal("malformed", state, status, target);
  if (valuesOf(headers, "host").length > 1) return refuse("it has two Host headers", 400);
  if (valuesOf(headers, "transfer-encoding").length > 0)
    return refuse("a body must come with its Content-Length, not in chunks", 411);
  const lengths = valuesOf(headers, "content-length");
  if (lengths.length > 1 || !/^(0|[1-9]\d{0,8})$/.test(lengths[0] ?? "0"))
    return refuse("its Content-Length is not one decimal number", 400);
  if (Number(lengths[0] ?? 0) <= maxBodyBytes) return undefined;
  return refuse(`its body is longer than ${maxBodyBytes} bytes`, 413);
}

function valuesOf(headers: readonly Header[], wanted: string): string[] {
  return headers.flatMap(([name, value]) => (name === wanted ? [value] : []));
}

function splitHeader(line: string): Header {
  const at = line.indexOf(":");
  return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
}
