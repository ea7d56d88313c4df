/** An answer on its way back: looked through, and written with the framing that the real program gives it. */
import type { Wire } from "../../../scripts/lib/filter-contract/wire.ts";
import type { Request } from "./conversation.ts";
import { holdsKey, instruction } from "./findings.ts";
import type { Way } from "./findings.ts";
import { passedHeaders } from "./upstream.ts";
import type { Answer } from "./upstream.ts";

/** What is told of an answer, by the name of the page of the record */
export type Told = (page: string, which?: (line: string) => boolean) => void;

/** Longer bodies are sent in chunks unless their length was announced */
const measuredBytes = 2_048;

/** The page of the record that says why an answer is refused; undefined if it passes. */
export function refusedAs(way: Way, answer: Answer, maxBytes: number): string | undefined {
  const value = (name: string) => answer.headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? "";
  const encoding = value("content-encoding");
  if (encoding !== "" && encoding !== "identity") {
    if (answer.stream) return "/events-packed";
    return encoding === "br" && way === "plain" ? "/brotli" : "/packed";
  }
  if (answer.isCut) return "/cut";
  return way === "opened" && answer.body.length > maxBytes ? "/too-large" : undefined;
}

/** Writes it to the client; returns the number of bytes of its body. */
export async function passAnswer(
  way: Way,
  answer: Answer,
  { wire, request, maxBytes, tell }: { wire: Wire; request: Request; maxBytes: number; tell: Told },
): Promise<number> {
  const headers = passedHeaders(answer.headers, true).map(([name, value]) => `${name}: ${value}`);
  const kept = headers.filter((line) => !line.startsWith("Content-Length:"));
  const status = `${request.version} ${answer.statusText}`;
  const last = request.isLast && request.version === "HTTP/1.1" ? ["Connection: close"] : [];
  if (answer.stream) {
    wire.write([status, ...kept, "Transfer-Encoding: chunked", ...last, "", ""].join("\r\n"));
    return passEvents(answer.stream, wire, tell);
  }
  const body = answer.body.subarray(0, way === "plain" ? maxBytes : undefined);
  const text = body.toString("latin1");
  if (text.includes(instruction)) tell("/instruction", (line) => line.includes("response_scan"));
  const hasBody = ![204, 304].includes(answer.status) && request.method !== "HEAD";
  const announced = way === "opened" ? headers.find((line) => line.startsWith("Content-Length:")) : undefined;
  const isMeasured = body.length <= measuredBytes;
  const length = announced ?? (hasBody && isMeasured ? `Content-Length: ${body.length}` : undefined);
  const isChunked = hasBody && length === undefined;
  const hasType = kept.some((line) => line.startsWith("Content-Type:"));
  const head = [
    status,
    ...kept,
    // The real one guesses; the record has a text and zeros without a type
    ...(hasBody && body.length > 0 && !hasType
      ? [`Content-Type: ${body.includes(0) ? "application/octet-stream" : "text/plain; charset=utf-8"}`]
      : []),
    ...(length === undefined ? [] : [length]),
    ...(isChunked ? ["Transfer-Encoding: chunked"] : []),
    ...last,
  ];
  wire.write(`${head.join("\r\n")}\r\n\r\n`);
  if (isChunked) wire.write(`${body.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`);
  else if (hasBody) wire.write(text);
  return body.length;
}

/** As they come; what is found in them is only told. */
async function passEvents(stream: Wire, wire: Wire, tell: Told): Promise<number> {
  let seen = "";
  for (;;) {
    const bytes = await stream.read((some) => (some.length > 0 ? some.length : undefined));
    if (bytes.length === 0) break;
    seen += bytes.toString("latin1");
    wire.write(`${bytes.length.toString(16)}\r\n${bytes.toString("latin1")}\r\n`);
  }
  if (seen.includes(instruction)) tell("/events-instruction", (line) => line.includes("sse_stream"));
  if (holdsKey(seen)) tell("/events-key", (line) => line.includes("sse_stream"));
  wire.write("0\r\n\r\n");
  return 0;
}
