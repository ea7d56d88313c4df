/** Reads one HTTP/1.1 request from bytes, for servers in tests. */

export interface RecordedRequest {
  readonly method: string;
  /** Without the query */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The request at the start of the bytes and what follows it; undefined until it is whole. */
export function readRequest(
  bytes: Buffer,
): { readonly request: RecordedRequest; readonly rest: Buffer } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [requestLine = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const [method = "", target = ""] = requestLine.split(" ");
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(":")).toLowerCase(),
      line.slice(line.indexOf(":") + 1).trim(),
    ]),
  );
  const url = new URL(target, "http://engine");
  const after = bytes.subarray(end + 4);
  const taken =
    headers["transfer-encoding"] === "chunked"
      ? takeChunks(after)
      : takeLength(after, Number(headers["content-length"] ?? 0));
  if (!taken) return undefined;
  const request = { method, path: url.pathname, query: url.searchParams, headers, body: taken.body };
  return { request, rest: taken.rest };
}

interface Taken {
  readonly body: Buffer;
  readonly rest: Buffer;
}

function takeLength(bytes: Buffer, length: number): Taken | undefined {
  return bytes.length < length
    ? undefined
    : { body: bytes.subarray(0, length), rest: bytes.subarray(length) };
}

function takeChunks(bytes: Buffer): Taken | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const length = Number.parseInt(bytes.subarray(at, lineEnd).toString("latin1"), 16);
    at = lineEnd + 2 + length + 2;
    if (bytes.length < at) return undefined;
    if (length === 0) return { body: Buffer.concat(parts), rest: bytes.subarray(at) };
    parts.push(bytes.subarray(lineEnd + 2, at - 2));
  }
}
