/** The body of a clone or a fetch, in all versions of the protocol: what goes on is git's packets, and nothing else. */
import { gunzipSync, inflateSync } from "node:zlib";
import { malformed, readLine, readPackets } from "./pkt-line.ts";

const mostOpened = 16 * 1024 * 1024;
const first = /^command=(?:ls-refs|fetch|object-info)$/;
const capability = /^(?:agent=.{0,200}|session-id=.{0,200}|object-format=(?:sha1|sha256))$/;
const id = "(?:[0-9a-f]{40}|[0-9a-f]{64})";
const argument = new RegExp(
  `^(?:want ${id}(?: .*)?|have ${id}|shallow ${id}|oid ${id}|want-ref \\S+|ref-prefix \\S+|deepen -?\\d+|deepen-since \\d+|deepen-not \\S+|filter \\S+|done|peel|symrefs|unborn|size|thin-pack|no-progress|include-tag|ofs-delta|deepen-relative|sideband-all|wait-for-done|packfile-uris \\S+)$`,
);

/** The body as it goes on, not compressed. Throws a `GitProblem` for what is no request of git's. */
export function readFetchRequest(body: Buffer, coding: string): Buffer {
  const opened = open(body, coding);
  let isBehind = true;
  for (const [index, packet] of readPackets(opened).entries()) {
    if (typeof packet === "string") {
      if (packet === "delimiter") isBehind = true;
      continue;
    }
    const line = readLine(packet);
    if (index === 0 && first.test(line)) isBehind = false;
    else if (!(isBehind ? argument : capability).test(line))
      throw malformed("the request is not one of a fetch");
  }
  return opened;
}

function open(body: Buffer, coding: string): Buffer {
  const options = { maxOutputLength: mostOpened };
  try {
    if (coding === "" || coding === "identity") return body;
    if (coding === "gzip" || coding === "x-gzip") return gunzipSync(body, options);
    if (coding === "deflate") return inflateSync(body, options);
  } catch {
    throw malformed("the body cannot be opened, or is too large");
  }
  throw malformed("the body is in a coding that git does not use");
}
