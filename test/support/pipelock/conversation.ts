/** HTTP on one connection, read by hand so that every answer is the recorded one to the byte. */
import type { Duplex } from "node:stream";
import { endOfHead, readChunks, Wire } from "../../../scripts/lib/filter-contract/wire.ts";
import { recorded, renderAnswer } from "./recorded.ts";

export interface Request {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** The client wants the connection closed after the answer */
  readonly isLast: boolean;
}

/** What a handler did: it answered, it took the connection for something else, or it answered with the connection's end. */
export type Outcome = "answered" | "taken" | "ended";

export type Handle = (request: Request, wire: Wire) => Promise<Outcome>;

export function header({ headers }: Request, name: string): string | undefined {
  return headers.find(([one]) => one.toLowerCase() === name)?.[1];
}

/** Serves requests one after the other, until the connection ends. */
export async function converse(stream: Duplex, handle: Handle): Promise<void> {
  stream.on("error", () => undefined);
  const wire = new Wire(stream);
  for (;;) {
    const head = (await wire.read(endOfHead)).toString("latin1");
    if (head === "") return void stream.end();
    const request = await readRequest(head, wire);
    if (typeof request === "string") {
      stream.end(request);
      return;
    }
    const outcome = await handle(request, wire);
    if (outcome === "taken") return;
    if (outcome === "ended" || request.isLast) return void stream.end();
  }
}

/** The request, or the answer to what is none. */
async function readRequest(head: string, wire: Wire): Promise<Request | string> {
  const [line = "", ...lines] = head.trimEnd().split("\r\n");
  const [method = "", target = "", version = "", ...more] = line.split(" ");
  if (!/^HTTP\/1\.[01]$/.test(version) || more.length > 0) return malformed("plain", "no HTTP");
  const headers = lines.map((one) => {
    const at = one.indexOf(":");
    return [one.slice(0, at), one.slice(at + 1).trim()] as const;
  });
  const request = { method, target, version, headers, body: Buffer.alloc(0), isLast: false };
  if (headers.filter(([name]) => name.toLowerCase() === "host").length > 1)
    return malformed("plain", "another name in Host");
  const host = header(request, "host");
  if (host === undefined && version === "HTTP/1.1") return malformed("plain", "no Host");
  if (host !== undefined && /[@/]/.test(host)) return malformed("tunnel", "with a user");
  if (method === "CONNECT" && /:(?!\d*$)[^\]:]*$|%/.test(target)) return malformed("tunnel", "port in words");
  const isLast = version === "HTTP/1.0" || /\bclose\b/i.test(header(request, "connection") ?? "");
  if (method === "CONNECT") return { ...request, isLast };
  if (/100-continue/i.test(header(request, "expect") ?? "")) wire.write("HTTP/1.1 100 Continue\r\n\r\n");
  const length = Number(header(request, "content-length") ?? 0);
  const body = /chunked/i.test(header(request, "transfer-encoding") ?? "")
    ? await readChunks(wire)
    : await wire.read((bytes) => (bytes.length >= length ? length : undefined));
  return { ...request, body, isLast };
}

function malformed(group: string, name: string): string {
  const { connect, answer } = recorded(group, name);
  return renderAnswer(connect ?? answer, {}, true);
}
