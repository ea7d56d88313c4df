/** The way on from the gate: through pipelock on the shared loopback, or by dialling checked addresses itself. */
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { isIpv4 } from "../../core/host-name.ts";
import { classifyAddress } from "./private-addresses.ts";
import { Refusal } from "./refusal.ts";
import { readHead } from "./request-head.ts";

const dialTimeoutMs = 10_000;
/** pipelock dials for up to 10 s itself, after up to 5 s of looking the name up */
const pipelockTimeoutMs = 20_000;

export interface Target {
  /** Canonical */
  readonly host: string;
  readonly port: number;
  readonly isPrivate: boolean;
}

/** Opens a connection to the target. A failure is a `Refusal` with the status for the agent. */
export type WayOut = (target: Target) => Promise<{ readonly socket: Socket; readonly early: Buffer }>;

/** Through pipelock: one CONNECT to its loopback port. */
export function throughPipelock(port: number): WayOut {
  return async (target) => {
    const socket = await dial("127.0.0.1", port, dialTimeoutMs).catch(() => {
      throw new Refusal("filter", "the sidecar's filter is not running", 503);
    });
    const authority = `${target.host}:${target.port}`;
    const timer = setTimeout(() => socket.destroy(), pipelockTimeoutMs);
    try {
      socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
      const head = await readHead(socket).catch(() => {
        throw new Refusal("filter", "the sidecar's filter did not answer", 502);
      });
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.text)?.[1] ?? 0);
      if (status === 200) return { socket, early: head.rest };
      throw refuseAsPipelock(status, await readReason(socket, head.rest));
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Without pipelock: looks the name up once, checks every address, and dials only addresses that were checked. */
export function dialDirectly(): WayOut {
  return async (target) => {
    const addresses = await resolve(target);
    for (const address of addresses) {
      const kind = classifyAddress(address);
      if (kind === "forbidden" || (kind === "private" && !target.isPrivate)) {
        throw new Refusal("private-address", `${target.host} leads to ${address}, which is not a public address`);
      }
    }
    for (const address of addresses) {
      const socket = await dial(address, target.port, dialTimeoutMs).catch(() => undefined);
      if (socket) return { socket, early: Buffer.alloc(0) };
    }
    throw new Refusal("unreachable", `${target.host} does not answer on port ${target.port}`, 502);
  };
}

async function resolve(target: Target): Promise<string[]> {
  if (isIpv4(target.host)) return [target.host];
  try {
    const found = await lookup(target.host, { all: true });
    // IPv4 first: bridges of ours have no IPv6, and one address after the other costs its time limit
    return found.toSorted((a, b) => a.family - b.family).map((entry) => entry.address);
  } catch {
    throw new Refusal("unreachable", `the name ${target.host} does not resolve`, 502);
  }
}

function dial(host: string, port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolvePromise, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const timer = setTimeout(() => socket.destroy(new Error("timed out")), timeoutMs);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", reject);
      // From here on whoever pipes listens; between two owners an error must not end the gate
      socket.on("error", () => undefined);
      socket.pause();
      resolvePromise(socket);
    });
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** pipelock's answers to CONNECT: 403 policy, 429 rate, 502 dial, 503 full or kill switch */
function refuseAsPipelock(status: number, reason: string): Refusal {
  const text = reason.replace(/^CONNECT blocked: /, "") || `it answered ${status}`;
  if (status === 502) return new Refusal("unreachable", `the host cannot be reached (${text})`, 502);
  if (/SSRF|internal IP/i.test(text)) return new Refusal("private-address", text);
  return new Refusal("filter", `pipelock blocks it (${text})`, status === 429 || status === 503 ? status : 403);
}

async function readReason(socket: Socket, early: Buffer): Promise<string> {
  let text = early.toString("utf8");
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.length > 2048) break;
  }
  return text.replaceAll(/[^\x20-\x7e]+/g, " ").trim().slice(0, 300);
}
