/** Looks for secrets in headers and bodies of requests that the proxy sees in clear. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { LogContext } from "./log.ts";
import type { Policy } from "./policy.ts";
import type { Program } from "./program.ts";

export type BodyVerdict =
  | { readonly isAllowed: true; readonly body: Buffer }
  | {
      readonly isAllowed: false;
      readonly reason: string;
      /** Refused whatever the action: it could not be read or scanned */
      readonly isUnreadable: boolean;
    };

/** True if the request must be refused; a match is logged either way. */
export function judgeHeaders(
  { log }: Program,
  { config, secrets }: Policy,
  context: LogContext,
  headers: IncomingHttpHeaders,
): boolean {
  const { body } = config;
  if (!body.enabled || !body.scansHeaders) return false;
  const wanted = Object.entries(headers).filter(([name]) =>
    body.scansAllHeaders ? !body.ignoredHeaders.includes(name) : body.sensitiveHeaders.includes(name),
  );
  const values = wanted.flatMap(([name, value]) => {
    const all = [value].flat().map(String);
    return all.map(
      (text) => [name, body.scansAllHeaders ? `${name}\n${name}${text}\n${text}` : text] as const,
    );
  });
  const joined = values
    .map(([, text]) => text)
    .toSorted()
    .join("\n");
  for (const [name, text] of [...values, ["(joined)", joined] as const]) {
    const patterns = secrets.inText(text);
    if (patterns.length === 0) continue;
    log.secret("header_dlp", context, { action: body.action, patterns, header: name });
    return body.action === "block" && config.enforce;
  }
  return false;
}

/** Reads the body whole. What cannot be scanned is refused whatever the action says. */
export async function judgeBody(
  program: Program,
  { config, secrets }: Policy,
  context: LogContext,
  request: IncomingMessage,
): Promise<BodyVerdict> {
  const { body } = config;
  const unreadable = (reason: string) => {
    program.log.blocked(context, "body_dlp", reason);
    return { isAllowed: false, reason, isUnreadable: true } as const;
  };
  const encoding = request.headers["content-encoding"];
  if (body.enabled && encoding !== undefined && !/^\s*(identity\s*)?$/i.test(encoding)) {
    request.resume();
    return unreadable(
      `request body uses Content-Encoding ${JSON.stringify(encoding)}; compressed bodies cannot be scanned for secrets`,
    );
  }
  const bytes = await readBody(request, body.enabled ? body.maxBytes : Number.MAX_SAFE_INTEGER);
  if (typeof bytes === "string") return unreadable(bytes);
  if (!body.enabled || bytes.length === 0) return { isAllowed: true, body: bytes };
  const texts = textsOf(bytes.toString("utf8"), request.headers["content-type"] ?? "");
  if (typeof texts === "string") return unreadable(texts);
  const patterns = [
    ...new Set([...texts, texts.toSorted().join("\n")].flatMap((text) => secrets.inText(text))),
  ];
  if (patterns.length === 0) return { isAllowed: true, body: bytes };
  program.log.secret("body_dlp", context, {
    action: body.action,
    match_count: patterns.length,
    patterns,
  });
  if (body.action !== "block" || !config.enforce) return { isAllowed: true, body: bytes };
  const reason = `request body contains secret: ${patterns.join(", ")}`;
  return { isAllowed: false, reason, isUnreadable: false };
}

/** The whole body, or why there is none. The stream is left open, since the refusal goes out over its connection. */
function readBody(request: IncomingMessage, limit: number): Promise<Buffer | string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) resolve(`request body exceeds max_body_bytes (${limit})`);
      else chunks.push(chunk);
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", (error) => resolve(`error reading request body: ${error.message}`));
    request.once("close", () => resolve("error reading request body: unexpected EOF"));
  });
}

/** The texts in a body by its type, or why it cannot be read. The whole of it is always among them. */
function textsOf(text: string, contentType: string): string[] | string {
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  if (type === "application/json" || type.endsWith("+json")) {
    try {
      return [text, ...stringsIn(JSON.parse(text))];
    } catch {
      return "invalid JSON body";
    }
  }
  if (type === "application/x-www-form-urlencoded") {
    return [text, ...[...new URLSearchParams(text)].flat()];
  }
  if (type === "multipart/form-data" && !/boundary=/i.test(contentType)) {
    return "multipart/form-data missing boundary";
  }
  return [text];
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object") return [];
  return [...Object.keys(value), ...Object.values(value).flatMap(stringsIn)];
}
