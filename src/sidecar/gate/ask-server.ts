/** Where the agent asks the user for a host: `POST /ask` for `bottle-request`, and `POST /mcp` as a tool of claude's. */
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Asks } from "./asks.ts";
import { answerMcp } from "./ask-mcp.ts";
import { readAsk } from "./read-ask.ts";
import type { AskAnswer } from "./asks.ts";

/** A request is one host and one line */
const maxBodyBytes = 8 * 1024;
const maxConnections = 32;
const receiveMs = 10_000;
/** Below what claude's own tool for commands waits for */
const askWaitMs = 90_000;
/** A tool call has no such limit, and somebody may be at lunch */
const toolWaitMs = 10 * 60_000;
/** What carries a stream may take one that says nothing for dead */
const beatMs = 10_000;

export interface AskServerOptions {
  readonly asks: Asks;
  readonly apiHost: string | undefined;
}

/** Makes the listener; the caller opens it. */
export function makeAskServer(options: AskServerOptions): Server {
  const server = createServer(
    { maxHeaderSize: 8 * 1024, requestTimeout: receiveMs, headersTimeout: receiveMs },
    (request, response) => {
      response.on("error", () => undefined);
      serve(request, response, options).catch(() => response.destroy());
    },
  );
  server.maxConnections = maxConnections;
  return server;
}

async function serve(request: IncomingMessage, response: ServerResponse, options: AskServerOptions) {
  const path = request.url ?? "";
  if (path !== "/ask" && path !== "/mcp") return send(response, 404, { error: "no such path" });
  if (request.method !== "POST") return send(response, 405, { error: "POST only" });
  const text = await readBody(request);
  if (text === undefined) {
    // The rest of it is not read
    response.setHeader("Connection", "close");
    return send(response, 413, { error: "too long" });
  }
  const body = parse(text);
  if (path === "/mcp") return serveMcp(body, response, options);
  send(response, 200, await ask(body, askWaitMs, response, options));
}

async function serveMcp(body: unknown, response: ServerResponse, options: AskServerOptions): Promise<void> {
  const outcome = answerMcp(body);
  if (outcome.kind === "none") return void response.writeHead(202).end();
  if (outcome.kind === "answer") return send(response, 200, outcome.answer);
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write(": waiting for the user\n\n");
  const beat = setInterval(() => void response.write(": waiting\n\n"), beatMs);
  try {
    const answer = await ask(outcome.fields, toolWaitMs, response, options);
    response.end(`event: message\ndata: ${JSON.stringify(outcome.finish(answer))}\n\n`);
  } finally {
    clearInterval(beat);
  }
}

function ask(
  fields: unknown,
  waitMs: number,
  response: ServerResponse,
  { asks, apiHost }: AskServerOptions,
): Promise<AskAnswer> | AskAnswer {
  const read = readAsk(fields, { apiHost, waitMs });
  if ("verdict" in read) return read;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  return asks.ask({ ...read, signal: gone.signal });
}

/** Undefined for one that is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}
