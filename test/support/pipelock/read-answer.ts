/** Answers of servers: buffered up to a limit, because they are scanned before they are passed on. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { endToEndHeaders } from "./answers.ts";

/** The body, cut after the limit; `isCut` tells that there was more. */
export function readAnswer(
  answer: IncomingMessage,
  limit: number,
): Promise<{ readonly body: Buffer; readonly isCut: boolean }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (isCut: boolean) => resolve({ body: Buffer.concat(chunks).subarray(0, limit), isCut });
    answer.on("data", (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= limit) return;
      finish(true);
      answer.destroy();
    });
    answer.once("end", () => finish(false));
    answer.once("error", reject);
    answer.once("close", () => reject(new Error("unexpected EOF")));
  });
}

/** Compressed answers cannot be scanned. */
export function isCompressed(answer: IncomingMessage): boolean {
  const encoding = answer.headers["content-encoding"] ?? "identity";
  return encoding.split(",").some((one) => !["", "identity"].includes(one.trim().toLowerCase()));
}

export function isEventStream(answer: IncomingMessage): boolean {
  return /^text\/event-stream\b/i.test(answer.headers["content-type"] ?? "");
}

/** Writes a buffered answer; what has no body by its status or method gets none. */
export function writeAnswer(
  response: ServerResponse,
  answer: IncomingMessage,
  body: Buffer,
  method = "GET",
): void {
  const status = answer.statusCode ?? 502;
  const headers = endToEndHeaders(answer.headers);
  const isBare = method === "HEAD" || status === 204 || status === 304;
  response.writeHead(status, isBare ? headers : { ...headers, "content-length": String(body.length) });
  response.end(isBare ? undefined : body);
}

const maxImageBytes = 5 * 1024 * 1024;

/** Why the media policy's defaults refuse it; metadata of images is left in place, unlike in the real program. */
export function judgeMedia(answer: IncomingMessage, body: Buffer): string | undefined {
  const type = (answer.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (type.startsWith("audio/")) return "media_policy: audio stripped";
  if (type.startsWith("video/")) return "media_policy: video stripped";
  if (!type.startsWith("image/") || type === "image/svg+xml") return undefined;
  if (type !== "image/png" && type !== "image/jpeg") return "media_policy: image type not allowed";
  return body.length > maxImageBytes ? "media_policy: image exceeds size limit" : undefined;
}
