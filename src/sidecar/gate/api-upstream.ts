/** Verified TLS connections to the one API host, kept open between turns. */
import { Agent } from "node:http";
import type { Socket } from "node:net";
import { connect } from "node:tls";
import type { TLSSocket } from "node:tls";
import { isIpv4 } from "../../core/host-name.ts";
import type { GateApi } from "../../protocol/gate.ts";
import { Refusal } from "./refusal.ts";
import type { WayOut } from "./way-out.ts";

const apiPort = 443;
const handshakeTimeoutMs = 15_000;
/** Given up before the usual 60 s of load balancers, so that no turn is sent into a connection that is being closed */
const idleTimeoutMs = 50_000;
const maxConnections = 64;

/** An agent for `http.request` whose connections are TLS through the way out: a handshake costs more than a short answer. */
export function makeUpstreamAgent(api: GateApi, wayOut: WayOut): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: maxConnections, timeout: idleTimeoutMs });
  // Node counts a connection from when it is open: calls that an agent gives up meanwhile would be without a limit
  let opening = 0;
  const create = (_options: unknown, done: (error: Error | null, socket?: Socket) => void): void => {
    if (opening >= maxConnections)
      return done(new Refusal("too-many", `${maxConnections} connections to it are being opened`, 503));
    opening += 1;
    openTls(api, wayOut)
      .finally(() => (opening -= 1))
      .then(
        (socket) => done(null, socket),
        (error: Error) => done(error),
      );
  };
  agent.createConnection = create as unknown as Agent["createConnection"];
  return agent;
}

/** `trusted` is PEM of the authorities to believe instead of those that Node brings. Rejects with a `Refusal`. */
export async function openTls(
  api: Pick<GateApi, "host" | "isPrivate">,
  wayOut: WayOut,
  trusted?: string,
): Promise<TLSSocket> {
  const { socket, early } = await wayOut({ host: api.host, port: apiPort, isPrivate: api.isPrivate });
  // A TLS server is silent until it is spoken to; what came is not from one
  if (early.length > 0) socket.destroy();
  return new Promise((resolve, reject) => {
    const secure = connect({
      socket,
      host: api.host,
      ...(isIpv4(api.host) ? {} : { servername: api.host }),
      ALPNProtocols: ["http/1.1"],
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      ...(trusted === undefined ? {} : { ca: trusted }),
    });
    const timer = setTimeout(() => secure.destroy(new Error("timed out")), handshakeTimeoutMs);
    // Stays for good: an error between two requests must not end the gate
    secure.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(
        new Refusal(
          "unreachable",
          `no verified TLS with ${api.host} (${error.code ?? "handshake failed"})`,
          502,
        ),
      );
    });
    secure.once("close", () => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Refusal("unreachable", `${api.host} closed the connection`, 502));
    });
    secure.once("secureConnect", () => {
      clearTimeout(timer);
      resolve(secure);
    });
    socket.resume();
  });
}
