/** Passes the answer of a bound host on to the agent as it comes, with real values taken out of its head and its body. */
import { answerHopHeaders } from "./hop-headers.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import * as zlib from "node:zlib";
import { pairUp } from "./bound-request.ts";
import { makeScrubber, scrubText } from "./bound-scrub.ts";
import type { Replacement } from "./bound-scrub.ts";
import { Refusal } from "./refusal.ts";

const dropped: ReadonlySet<string> = new Set([...answerHopHeaders, "proxy-authenticate"]);

type MakeDecoder = () => Transform;

/** Node has zstd since 22.15 */
const makeZstd = (zlib as { readonly createZstdDecompress?: MakeDecoder }).createZstdDecompress;
/** A server that was asked for none may compress all the same: what it keeps compressed it hands out so */
const decoders: Readonly<Record<string, MakeDecoder>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  ...(makeZstd && { zstd: makeZstd }),
};
const maxEncodings = 2;

/** Throws a `Refusal`, before anything is written, for an encoding that cannot be looked through. */
export function passScrubbed(
  upstream: IncomingMessage,
  answer: ServerResponse,
  replacements: readonly Replacement[],
  method: string,
): void {
  const status = upstream.statusCode ?? 502;
  const hasBody = method !== "HEAD" && status !== 204 && status !== 304;
  const encodings = hasBody ? listEncodings(upstream.headers["content-encoding"]) : [];
  const bodyHeaders = hasBody
    ? ["content-length", ...(encodings.length > 0 ? ["content-encoding"] : [])]
    : [];
  const headers = pairUp(upstream.rawHeaders)
    .filter(([name]) => !dropped.has(name.toLowerCase()) && !bodyHeaders.includes(name.toLowerCase()))
    .map(([name, value]) => [name, scrubText(value, replacements)]);
  const reason = scrubText(upstream.statusMessage ?? "", replacements).replaceAll(/[^\x20-\x7e]/g, "");
  answer.sendDate = false;
  answer.writeHead(status, reason, headers.flat());
  // An event stream whose head waits for its first event looks like a hang
  answer.flushHeaders();
  if (!hasBody) {
    upstream.resume();
    answer.end();
    return;
  }
  const streams = encodings.toReversed().map((make) => make());
  // An answer that is cut off must not look whole: a failure destroys all of them
  pipeline([upstream, ...streams, makeScrubber(replacements), answer], () => undefined);
}

function listEncodings(header: string | undefined): MakeDecoder[] {
  const names = (header ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  if (names.length > maxEncodings) throw refuseEncoding(names.join(", "));
  return names.map((name) => {
    const make = Object.hasOwn(decoders, name) ? decoders[name] : undefined;
    if (!make) throw refuseEncoding(name);
    return make;
  });
}

function refuseEncoding(name: string): Refusal {
  const shown = name.replaceAll(/[^a-z0-9, -]/g, "").slice(0, 40);
  return new Refusal(
    "filter",
    `the answer is compressed as "${shown}", which the gate cannot look through`,
    502,
  );
}
