/** Holds a tunnel back until its first bytes have shown that it is what the grant says: TLS to that very host, or SSH. */
import type { GateDestination } from "../../protocol/gate-destination.ts";
import type { Socket } from "node:net";
import { isIpv4, parseHostName } from "../../core/host-name.ts";
import { maxHelloBytes, parseClientHello } from "./client-hello.ts";
import { Refusal } from "./refusal.ts";

const timeLimitMs = 10_000;

type Protocol = Exclude<GateDestination["protocol"], "http" | "tcp">;

export interface Wanted {
  readonly protocol: Protocol;
  readonly host: string;
  /** Its TLS ends in the sidecar */
  readonly isOpened?: boolean | undefined;
}

/** `more` until enough has come; a `Refusal` if it is something else. */
type Verdict = "more" | "fine" | Refusal;

/**
 * Reads and checks the first bytes; gives them back for the upstream, or nothing if the agent ended the tunnel without using it.
 * Rejects with a `Refusal`. The socket is left paused.
 */
export function readFirstBytes(socket: Socket, early: Buffer, wanted: Wanted): Promise<Buffer> {
  const { protocol } = wanted;
  return new Promise((resolve, reject) => {
    let seen = early;
    const finish = (act: () => void) => {
      clearTimeout(timer);
      socket.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd);
      socket.pause();
      act();
    };
    const look = () => {
      const verdict = checkFirstBytes(seen, wanted);
      if (verdict === "fine") finish(() => resolve(seen));
      else if (verdict !== "more") finish(() => reject(verdict));
    };
    const onData = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      look();
    };
    const onEnd = () => {
      if (seen.length === 0) finish(() => resolve(seen));
      else finish(() => reject(refuse(protocol, "it ended before that could be seen")));
    };
    const onTimeout = () =>
      finish(() => reject(refuse(protocol, `it was silent for ${timeLimitMs / 1000} s`)));
    const timer = setTimeout(onTimeout, timeLimitMs);
    socket.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd);
    if (socket.destroyed) return onEnd();
    socket.resume();
    look();
  });
}

/** Judges what has come so far. Exported for its tests. */
export function checkFirstBytes(bytes: Buffer, wanted: Wanted): Verdict {
  if (bytes.length === 0) return "more";
  return wanted.protocol === "ssh" ? checkSsh(bytes) : checkTls(bytes, wanted);
}

function checkTls(bytes: Buffer, { host, isOpened }: Wanted): Verdict {
  const hello = parseClientHello(bytes);
  if (hello.kind === "partial")
    return bytes.length > maxHelloBytes ? refuse("tls", "its first message is too long") : "more";
  if (hello.kind === "not-tls") return refuse("tls", "it is not TLS");
  const { serverName, isHiding } = hello;
  if (isHiding && !isOpened) return refuseHiding();
  // RFC 6066 §3 forbids addresses as server names, so for an address there is none
  if (isIpv4(host)) {
    return serverName === undefined
      ? "fine"
      : new Refusal("sni-mismatch", "TLS names a server although the host is an address");
  }
  if (serverName === undefined) return new Refusal("sni-missing", "TLS does not name the server (no SNI)");
  const name = parseHostName(serverName);
  if (name.ok && name.host === host) return "fine";
  return new Refusal("sni-mismatch", "TLS names another server than the one asked for");
}

/**
 * A server that has the key (a whole content network often shares one) goes by the encrypted name, whatever stands in the open: one
 * allowed host of it would be a way to all of them. What browsers send to look as if (GREASE) is made so that nobody can tell it apart.
 * OpenSSL (curl, Node, Python, git), Go and rustls send none of themselves. Where the sidecar ends TLS, it has no such key.
 */
function refuseHiding(): Refusal {
  return new Refusal("hidden-name", "TLS may name another server in an encrypted part (ECH)");
}

/** RFC 4253 §4.2 and §5.1; the client speaks first in OpenSSH */
const sshGreetings = ["SSH-2.0-", "SSH-1.99-"];

function checkSsh(bytes: Buffer): Verdict {
  const start = bytes.toString("latin1", 0, 9);
  if (sshGreetings.some((greeting) => start.startsWith(greeting))) return "fine";
  return sshGreetings.some((greeting) => greeting.startsWith(start))
    ? "more"
    : refuse("ssh", "it is not SSH");
}

function refuse(protocol: Protocol, state: string): Refusal {
  const [code, wanted] = protocol === "ssh" ? (["not-ssh", "SSH"] as const) : (["not-tls", "TLS"] as const);
  return new Refusal(code, `the tunnel is for ${wanted}, and ${state}`);
}
