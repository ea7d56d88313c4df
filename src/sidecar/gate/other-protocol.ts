/**
 * Clients that cannot speak HTTP/1.1 with a host whose TLS ends in the gate, such as those of gRPC. Their handshake would fail without a word
 * to the user; here it fails as TLS says (RFC 7301 §3.2), and the attempt is told as refused.
 */
import type { Socket } from "node:net";
import { parseClientHello } from "./client-hello.ts";
import { Refusal } from "./refusal.ts";

const spoken = "http/1.1";
/** TLS's own words for it: a fatal alert, no application protocol */
const alert = Buffer.from([21, 3, 3, 0, 2, 2, 120]);
const mostShown = 60;

/** Why the client whose first bytes these are cannot be served; undefined if it can, or if it does not say what it speaks. */
export function refuseOtherProtocols(first: Buffer): Refusal | undefined {
  const hello = parseClientHello(first);
  const protocols = hello.kind === "hello" ? (hello.protocols ?? []) : [];
  if (protocols.length === 0 || protocols.includes(spoken)) return undefined;
  const names = protocols.map((name) => (name === "h2" ? "HTTP/2" : name)).join(", ");
  const shown = names.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, mostShown);
  return new Refusal(
    "filter",
    `the client speaks ${shown} only, and the sidecar opens this host with HTTP/1.1; hosts that need more belong under egress.allowlist alone`,
  );
}

/** Ends the agent's handshake. */
export function endHandshake(agent: Socket, lingerMs: number): void {
  agent.end(alert);
  agent.resume();
  setTimeout(() => agent.destroy(), lingerMs).unref();
}
