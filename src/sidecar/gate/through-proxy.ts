/** The way out through an upstream proxy, such as a company's: one CONNECT that names the host, which the proxy resolves. */
import type { Socket } from "node:net";
import type { GateProxy } from "../../protocol/gate.ts";
import { dialDirectly } from "./dial-directly.ts";
import { Refusal } from "./refusal.ts";
import { readHead } from "./request-head.ts";
import type { WayOut } from "./way-out.ts";

/** It looks the name up and dials before it answers */
const answerTimeoutMs = 25_000;

/** Makes the way out. `toProxy` reaches the proxy itself. The credentials are in no message and no event. */
export function throughProxy(proxy: GateProxy, toProxy: WayOut = dialDirectly()): WayOut {
  return async ({ host, port }) => {
    // A proxy stands in a company's own network more often than not
    const { socket } = await toProxy({ host: proxy.host, port: proxy.port, isPrivate: true }).catch(
      (error: unknown) => {
        throw error instanceof Refusal ? unreachable(error.message) : error;
      },
    );
    socket.write(renderConnect(`${host}:${port}`, proxy.authorization));
    try {
      return { socket, early: await readAnswer(socket) };
    } catch (error) {
      socket.destroy();
      throw error;
    }
  };
}

function renderConnect(authority: string, authorization: string | undefined): string {
  return [
    `CONNECT ${authority} HTTP/1.1`,
    `Host: ${authority}`,
    ...(authorization === undefined ? [] : [`Proxy-Authorization: ${authorization}`]),
    "\r\n",
  ].join("\r\n");
}

/** What came after the head. Throws a `Refusal` unless the proxy says yes. */
async function readAnswer(socket: Socket): Promise<Buffer> {
  const head = await readHead(socket, answerTimeoutMs).catch(() => {
    throw unreachable("it does not answer as a proxy does");
  });
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(head.text)?.[1] ?? 0);
  if (status >= 200 && status < 300) return head.rest;
  if (status === 407) throw unreachable("it wants other credentials (407)");
  throw unreachable(status === 0 ? "it does not answer as a proxy does" : `it answers ${status}`);
}

function unreachable(state: string): Refusal {
  return new Refusal("unreachable", `the upstream proxy does not lead there: ${state}`, 502);
}
