/**
 * Passes one plain http request on to pipelock, which looks through it. What leaves here is rewritten from what was understood:
 * our head, a body of exactly the announced length, one request a connection. So nothing can be smuggled after a request.
 */
import { answerHopHeaders } from "./hop-headers.ts";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { FilterWatch } from "./filter-watch.ts";
import { refuseForbidden } from "./forbidden-addresses.ts";
import type { PlainRequest } from "./plain-request.ts";
import { lingerMs } from "./proxy.ts";
import type { PlainForwarder } from "./proxy.ts";
import { Refusal } from "./refusal.ts";
import { makeTurns } from "./turns.ts";
import type { Target } from "./way-out.ts";

/** pipelock holds an answer whole while it looks through it: measured, 217 MB for one of 10 MB, within a limit of 512 MiB */
const turns = makeTurns(2, 32);
/** pipelock ends its own work after 30 s */
const timeLimitMs = 45_000;
const droppedFromAnswer: ReadonlySet<string> = new Set([...answerHopHeaders, "proxy-authenticate"]);

/**
 * Makes the forwarder for a pipelock. It answers the agent and closes; it rejects with a `Refusal` only while nothing has been
 * written to the agent.
 */
export function makePlainForwarder(
  port: number,
  filter: Pick<FilterWatch, "isHealthy">,
  judge: (target: Target) => Promise<void> = refuseForbidden,
): PlainForwarder {
  return async (agent, request, early) => {
    const giveBack = await turns.take();
    try {
      if (agent.destroyed) throw new Refusal("malformed", "the request ended before it was whole", 400);
      if (!filter.isHealthy())
        throw new Refusal("filter", "the sidecar's filter is not running or not verified", 503);
      await judge(request);
      return await exchange(agent, request, early, port);
    } finally {
      giveBack();
    }
  };
}

async function exchange(
  agent: Socket,
  request: PlainRequest,
  early: Buffer,
  port: number,
): Promise<{ readonly sentBytes: number; readonly receivedBytes: number }> {
  const { method, path, bodyLength } = request;
  const host = request.port === 80 ? request.host : `${request.host}:${request.port}`;
  const headers = [
    ["host", host],
    ["connection", "close"],
    ...(bodyLength > 0 ? [["content-length", String(bodyLength)]] : []),
    ...request.headers,
  ].flat() as string[];
  const outgoing = httpRequest({
    host: "127.0.0.1",
    port,
    method,
    path: `http://${host}${path}`,
    headers: headers as unknown as Record<string, string>,
    setHost: false,
    agent: false,
    maxHeaderSize: 64 * 1024,
  });
  const timer = setTimeout(() => outgoing.destroy(new Error("timed out")), timeLimitMs);
  const onGone = () => void outgoing.destroy(new Error("the agent hung up"));
  agent.once("close", onGone);
  try {
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once("response", resolve);
      outgoing.once("error", reject);
    });
    sendBody(agent, outgoing, early, bodyLength);
    const answer = await answered.catch(() => {
      throw new Refusal("filter", "the sidecar's filter did not answer", 502);
    });
    return { ...(await passAnswer(agent, answer, method)), sentBytes: bodyLength };
  } finally {
    clearTimeout(timer);
    agent.off("close", onGone);
    outgoing.destroy();
  }
}

/** Exactly the announced bytes; whatever the agent sends beyond them is read and dropped. */
function sendBody(
  agent: Socket,
  outgoing: ReturnType<typeof httpRequest>,
  early: Buffer,
  length: number,
): void {
  outgoing.on("error", () => undefined);
  let missing = length;
  const take = (chunk: Buffer) => {
    const part = chunk.subarray(0, missing);
    if (part.length === 0) return;
    missing -= part.length;
    if (!outgoing.write(part)) {
      agent.pause();
      outgoing.once("drain", () => agent.resume());
    }
    if (missing === 0) outgoing.end();
  };
  if (length === 0) outgoing.end();
  take(early);
  agent.on("data", take);
  agent.once("end", () => {
    if (missing > 0) outgoing.destroy(new Error("the body ended early"));
  });
  agent.resume();
}

/** The answer with our own framing: its length if it has one, else its end is the connection's. */
async function passAnswer(
  agent: Socket,
  answer: IncomingMessage,
  method: string,
): Promise<{ receivedBytes: number }> {
  const status = answer.statusCode ?? 502;
  const lines = [`HTTP/1.1 ${status} ${(answer.statusMessage ?? "").replaceAll(/[^\x20-\x7e]/g, "")}`];
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2) {
    const [name = "", value = ""] = answer.rawHeaders.slice(at, at + 2);
    if (!droppedFromAnswer.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  agent.write(Buffer.from(`${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`, "latin1"));
  let receivedBytes = 0;
  if (method === "HEAD") answer.resume();
  else {
    try {
      for await (const chunk of answer) {
        receivedBytes += (chunk as Buffer).length;
        if (!agent.write(chunk as Buffer)) await drained(agent);
      }
    } catch {
      // Cut off: it must not look whole
      agent.destroy();
    }
  }
  if (!agent.destroyed) agent.end(() => setTimeout(() => agent.destroy(), lingerMs).unref());
  return { receivedBytes };
}

function drained(agent: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    // Nothing more would be told of it
    if (agent.destroyed) return reject(new Error("the agent hung up"));
    const onDrain = () => {
      agent.off("close", onClose);
      resolve();
    };
    const onClose = () => {
      agent.off("drain", onDrain);
      reject(new Error("the agent hung up"));
    };
    agent.once("drain", onDrain).once("close", onClose);
  });
}
