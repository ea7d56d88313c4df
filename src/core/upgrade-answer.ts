/** The answer to a request for a raw stream, as it stands on the connection: its head, and the text of a refusal (RFC 9112 §2 to §6). */
import type { IncomingBytes } from "./incoming-bytes.ts";

const headEnd = "\r\n\r\n";

/** Longer than any message of a server's, in bytes */
export const maxMessageBytes = 64 * 1024;

export interface AnswerHead {
  readonly status: number;
  /** Names in lower case */
  readonly headers: ReadonlyMap<string, string>;
}

/** Reads up to the end of the head and leaves what follows to be read. Rejects with a `code`. */
export async function readAnswerHead(incoming: IncomingBytes): Promise<AnswerHead> {
  let seen = Buffer.alloc(0);
  for (;;) {
    const next = await incoming.next();
    if (next.done) throw failure("ECONNRESET", "The connection was closed before the answer");
    seen = Buffer.concat([seen, next.value]);
    if (!"HTTP/1.".startsWith(seen.toString("latin1", 0, 7))) throw malformed();
    const end = seen.indexOf(headEnd);
    if (end >= 0) {
      incoming.unread(seen.subarray(end + headEnd.length));
      return parseHead(seen.toString("latin1", 0, end));
    }
    if (seen.length > maxMessageBytes) throw malformed();
  }
}

function parseHead(text: string): AnswerHead {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.\d (\d{3})(?: |$)/.exec(first)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) throw malformed();
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, Math.max(0, colon)).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status, headers: new Map(headers) };
}

/** What a refusal says. A server gives the length of its messages. Where something between us and it sends chunks, the message is in the first. */
export async function readAnswerText(incoming: IncomingBytes, { headers }: AnswerHead): Promise<string> {
  const isChunked = headers.get("transfer-encoding")?.toLowerCase().endsWith("chunked") ?? false;
  const length = Number(headers.get("content-length") ?? maxMessageBytes);
  let body = Buffer.alloc(0);
  while (body.length < Math.min(length, maxMessageBytes)) {
    const next = await incoming.next();
    if (next.done) break;
    body = Buffer.concat([body, next.value]);
    if (isChunked && body.includes("\r\n0\r\n")) break;
  }
  const text = body.toString("utf8", 0, maxMessageBytes);
  return isChunked ? firstChunk(text) : text;
}

/** Its length in hexadecimal counts bytes; the text between the first line's end and the next one's is near enough for a message */
function firstChunk(text: string): string {
  return text.split("\r\n")[1] ?? "";
}

function malformed(): Error {
  return failure("Malformed_HTTP_Response", "The answer is not HTTP");
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
