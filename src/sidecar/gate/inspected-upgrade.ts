/** WebSockets of inspected hosts: what the agent sends is taken apart frame by frame and looked at; what comes back passes as it is. */
import type { IncomingMessage } from "node:http";
import { Transform } from "node:stream";
import type { Duplex } from "node:stream";
import { pairUp } from "./bound-request.ts";
import { StreamLook } from "./inspect/stream-look.ts";
import { lookAtHead } from "./request-look.ts";
import type { LookContext } from "./request-look.ts";
import { ask } from "./inspected-tunnel.ts";
import type { InspectedTunnel } from "./inspected-tunnel.ts";
import type { HostLook } from "./looked-request.ts";
import { readInspectedRequest } from "./inspected-request.ts";
import { Refusal, renderRefusal } from "./refusal.ts";
import { Trapped } from "./trapped.ts";
import { FrameReader } from "./web-socket-frames.ts";

const tlsPort = 443;

/** Answers on the socket itself: after an upgrade there is no HTTP left. Never rejects. */
export async function forwardUpgrade(
  tunnel: InspectedTunnel,
  incoming: IncomingMessage,
  agent: Duplex,
  head: Buffer,
): Promise<void> {
  agent.on("error", () => undefined);
  try {
    if (incoming.headers.upgrade?.toLowerCase() !== "websocket")
      throw new Refusal("malformed", "it asks for another protocol than WebSocket", 400);
    const read = readInspectedRequest(incoming, tunnel.host);
    const { path } = await tunnel.ruling.judge(incoming, tunnel.host, true);
    if (agent.destroyed) return;
    tunnel.meter?.request();
    const asked = { ...read, path };
    const look = beginLook(tunnel.look);
    tunnel.look?.judge(look ? lookAtHead(look, { ...asked, host: tunnel.host }) : []);
    look?.coverage.commit();
    // Compressed messages could not be looked at; a server that is not asked for them sends none
    const headers = asked.headers.filter(([name]) => name.toLowerCase() !== "sec-websocket-extensions");
    const outgoing = ask(tunnel, {
      ...asked,
      headers: [...headers, ["Connection", "Upgrade"], ["Upgrade", "websocket"]],
    });
    outgoing.on("upgrade", (answer, host, early) => {
      agent.write(renderHead(answer));
      if (early.length > 0) agent.write(early);
      if (tunnel.look && look) join(tunnel.look, look, { agent, host, head });
      else joinUnseen({ agent, host, head });
    });
    outgoing.on("response", (answer) => {
      tunnel.ruling.noteAnswer(tunnel.host, answer);
      agent.write(renderHead(answer));
      answer.pipe(agent);
    });
    outgoing.on("error", () => agent.destroy());
    agent.on("close", () => outgoing.destroy());
    outgoing.end();
  } catch (error) {
    // The bottle is frozen: an answer would let whoever asked go before it is found
    if (error instanceof Trapped) return;
    const refusal = error instanceof Refusal ? error : new Refusal("malformed", "it cannot be read", 400);
    agent.end(renderRefusal(refusal, { host: tunnel.host, port: tlsPort }));
  }
}

function renderHead(answer: IncomingMessage): string {
  const isUpgrade = answer.statusCode === 101;
  const lines = pairUp(answer.rawHeaders)
    .filter(
      ([name]) => isUpgrade || !/^(?:connection|keep-alive|transfer-encoding|content-length)$/i.test(name),
    )
    .map(([name, value]) => `${name}: ${value}`);
  if (!isUpgrade) lines.push("Connection: close");
  return [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`, ...lines, "", ""].join("\r\n");
}

function beginLook(look: HostLook | undefined): LookContext | undefined {
  return look && { looker: look.looker, coverage: look.beginCoverage() };
}

interface JoinedSides {
  readonly agent: Duplex;
  readonly host: Duplex;
  /** Came from the agent with its request */
  readonly head: Buffer;
}

/** Both ways until one side ends, with nobody reading. */
function joinUnseen({ agent, host, head }: JoinedSides): void {
  agent.on("close", () => host.destroy());
  host.on("error", () => agent.destroy()).on("close", () => agent.destroy());
  if (head.length > 0) host.write(head);
  agent.pipe(host);
  host.pipe(agent);
}

/** Both ways until one side ends. A finding ends both. */
function join(judge: HostLook, { looker, coverage }: LookContext, { agent, host, head }: JoinedSides): void {
  const end = () => {
    agent.destroy();
    host.destroy();
  };
  const look = new StreamLook(looker, coverage);
  const frames = new FrameReader();
  const looked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        const payload = frames.read(chunk);
        // A message is small and whole as a rule, and its end is where a secret ends
        judge.judge(
          [...look.push(payload), ...look.settle()].map((one) => ({ ...one, where: "WebSocket message" })),
        );
        coverage.commit();
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  agent.on("error", end).on("close", end);
  host.on("error", end).on("close", end);
  looked.on("error", end);
  if (head.length > 0) looked.write(head);
  agent.pipe(looked).pipe(host);
  host.pipe(agent);
}
