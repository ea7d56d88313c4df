/**
 * Answers as api.anthropic.com, as far as Claude Code 2.1.330 asks, and as a small page for every other name. Runs in a container of
 * the test. What it answers is in the prompt: `run: COMMAND` makes claude run a command and quote what it printed, `say: TEXT` is said, `told: WORDS` is
 * answered with the line of the system prompt that holds them.
 * Every request is one JSON line on stdout, so that a test can see which credential arrived.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import { makeBodyGuard } from "../../../src/sidecar/gate/api-body.ts";
import { findScript, makeAnswer } from "./api-script.ts";
import type { MessagesRequest } from "./api-script.ts";
import { renderStream } from "./api-stream.ts";

const apiName = "api.anthropic.com";
/** What the real service would accept; anything else is answered with 401 */
const accepted = process.env["API_TOKEN"];
if (!accepted) throw new Error("API_TOKEN is missing");

const server = createServer(
  { key: readFileSync("/srv/key.pem"), cert: readFileSync("/srv/cert.pem") },
  (request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  },
);
server.listen(443, "0.0.0.0", () => console.log(JSON.stringify({ event: "listening" })));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  const { headers, method = "", url = "" } = request;
  const host = headers.host?.replace(/:\d+$/, "") ?? "";
  const { authorization, "x-api-key": apiKey } = headers;
  console.log(
    JSON.stringify({
      event: "request",
      method,
      url,
      host,
      authorization,
      apiKey,
      beta: headers["anthropic-beta"],
      headers: Object.keys(headers),
      contentType: headers["content-type"],
      problem: method === "POST" && host === apiName ? await judgeBody(body) : undefined,
      bytes: body.length,
    }),
  );
  if (host !== apiName) {
    response.end(`hello from ${host}\n`);
    return;
  }
  if (authorization !== `Bearer ${accepted}` && apiKey !== accepted?.replace("-oat01-", "-api03-"))
    return sendJson(response, 401, refusal("authentication_error", "invalid bearer token"));
  const path = url.split("?")[0];
  if (method === "POST" && path === "/v1/messages/count_tokens")
    return sendJson(response, 200, { input_tokens: 10 });
  if (method !== "POST" || path !== "/v1/messages")
    return sendJson(response, 404, refusal("not_found_error", "no such path"));
  const message = JSON.parse(body) as MessagesRequest;
  const reply = makeAnswer(message, findScript(message));
  if (!message.stream) return sendJson(response, 200, reply);
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const chunk of renderStream(reply)) response.write(chunk);
  response.end();
}

/** What the gate would say of it, also where the call has not come through one. */
function judgeBody(body: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const guard = makeBodyGuard();
    guard.on("error", (error) => resolve(error.message)).on("end", () => resolve(undefined));
    guard.resume().end(body);
  });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

function refusal(type: string, message: string): unknown {
  return { type: "error", error: { type, message } };
}
