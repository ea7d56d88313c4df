/** Reads one request to an inspected host: what goes on of its head, and its body whole where that is small. */
import type { IncomingMessage } from "node:http";
import type { Header } from "./bound-headers.ts";
import { pairUp, readFraming, renderFraming } from "./bound-request.ts";
import type { Framing } from "./bound-request.ts";
import { requestHopHeaders } from "./hop-headers.ts";
import { Refusal } from "./refusal.ts";

/** Concerns this hop only, or is rewritten. Everything else goes on as it came, in its order */
const rewritten: ReadonlySet<string> = new Set<string>(
  [...requestHopHeaders, "content-length", "http2-settings"].filter((name) => name !== "host"),
);
/** Bodies up to this size are looked at before anything of them goes: what is in them is refused cleanly */
const wholeBytes = 64 * 1024;

export interface InspectedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Header[];
  readonly framing: Framing;
}

/** Throws a `Refusal` for what two programs could read differently. */
export function readInspectedRequest(incoming: IncomingMessage, host: string): InspectedRequest {
  const { method = "", url: path = "" } = incoming;
  const received = pairUp(incoming.rawHeaders);
  if (!/^\/[\x21-\x7e]*$/.test(path) && !(path === "*" && method === "OPTIONS"))
    throw new Refusal("malformed", "the address must begin with a slash", 400);
  const framing = readFraming(received, host);
  const named = new Set((incoming.headers.connection ?? "").toLowerCase().split(/[\s,]+/));
  const headers = received.filter(([name]) => {
    const key = name.toLowerCase();
    return !rewritten.has(key) && !named.has(key) && !key.startsWith("proxy-");
  });
  return { method, path, framing, headers: [...headers, ...renderFraming(framing, method)] };
}

/** True if the body is to be there as a whole before it goes on. */
export function isSmall({ framing }: InspectedRequest): boolean {
  return typeof framing === "number" && framing > 0 && framing <= wholeBytes;
}

/** Rejects if the agent does not send all of it. */
export function readWhole(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    incoming.on("error", reject);
    incoming.on("close", () => {
      if (!incoming.complete) reject(new Error("the agent went away"));
    });
  });
}
