/** Passes the answer of a bound host on to the agent as it comes, with real values taken out of its head and its body. */
import { answerHopHeaders } from "./hop-headers.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import type { Transform } from "node:stream";
import { openBody } from "./bound-body.ts";
import type { Header } from "./bound-headers.ts";
import { pairUp } from "./bound-request.ts";
import type { OnTakenOut, Scrubber } from "./bound-scrub.ts";

/** Sums over a body that is passed on changed, and an invitation to ask for parts of it */
const dropped: ReadonlySet<string> = new Set([
  ...answerHopHeaders,
  "accept-ranges",
  "content-digest",
  "content-md5",
  "digest",
  "proxy-authenticate",
  "repr-digest",
]);

export interface Passing {
  readonly scrubber: Scrubber;
  /** What it throws ends the answer */
  readonly onTakenOut: OnTakenOut;
  readonly method: string;
  /** Headers of the request that did not go on to the host */
  readonly leftOut: readonly string[];
  /** Changes the body before it is looked through */
  readonly rewrite?: Transform | undefined;
}

/** Throws a `Refusal`, before anything is written, for an answer that cannot be looked through. Trailers stay here. */
export function passScrubbed(upstream: IncomingMessage, answer: ServerResponse, passing: Passing): void {
  const { scrubber, onTakenOut, method, leftOut, rewrite } = passing;
  const status = upstream.statusCode ?? 502;
  const hasBody = method !== "HEAD" && status !== 204 && status !== 304;
  const streams = hasBody ? openBody(upstream) : [];
  // The length of a body says whether something was taken out of it before the body does, and not every answer has one
  const bodyHeaders = hasBody ? ["content-length", ...(streams.length > 0 ? ["content-encoding"] : [])] : [];
  const headers = pairUp(upstream.rawHeaders)
    .filter(([name]) => !dropped.has(name.toLowerCase()) && !bodyHeaders.includes(name.toLowerCase()))
    .filter(([name]) => scrubber.scrubText(name, onTakenOut) === name)
    .map(([name, value]): Header => [name, scrubber.scrubText(value, onTakenOut)]);
  if (leftOut.length > 0) headers.push(["X-Claude-Bottle", `left out; headers=${leftOut.join(",")}`]);
  const reason = scrubber.scrubText(upstream.statusMessage ?? "", onTakenOut);
  answer.sendDate = false;
  answer.writeHead(status, reason.replaceAll(/[^\x20-\x7e]/g, ""), headers.flat());
  // An event stream whose head waits for its first event looks like a hang
  answer.flushHeaders();
  if (!hasBody) {
    upstream.resume();
    answer.end();
    return;
  }
  // An answer that is cut off must not look whole: a failure destroys all of them
  const changes = rewrite ? [...streams, rewrite] : streams;
  pipeline([upstream, ...changes, scrubber.makeStream(onTakenOut), answer], () => undefined);
}
