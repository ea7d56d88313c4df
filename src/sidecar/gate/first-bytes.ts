/** Holds a tunnel back until its first bytes have shown that it is what the grant says: TLS to that very host, or SSH. */
import type { Socket } from "node:net";
import { isIpv4, parseHostName } from "../../core/host-name.ts";
import { maxHelloBytes, parseClientHello } from "./client-hello.ts";
import type { GateDestination } from "./protocol.ts";
import { Refusal } from "./refusal.ts";

const firstBytesTimeoutMs = 10_000;

/** `more` until enough has come; a `Refusal` if it is something else. */
type Check = (bytes: Buffer) => "more" | "fine" | Refusal;

/** Reads and checks the first bytes; gives them back for the upstream. The socket is left paused. */
export function readFirstBytes(socket: Socket, early: Buffer, protocol: GateDestination["protocol"], host: string): Promise<Buffer> {
  const check: Check = protocol === "ssh" ? checkSsh : (bytes) => checkTls(bytes, host);
  return new Promise((resolve, reject) => {
    let seen = early;
    const finish = (act: () => void) => {
      clearTimeout(timer);
      socket.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd);
      socket.pause();
      act();
    };
    const look = () => {
      const verdict = seen.length === 0 ? "more" : check(seen);
      if (verdict === "fine") finish(() => resolve(seen));
      else if (verdict !== "more") finish(() => reject(verdict));
    };
    const onData = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      look();
    };
    const missing = () => refuse(protocol, "nothing was sent through it");
    const onEnd = () => finish(() => reject(missing()));
    const timer = setTimeout(onEnd, firstBytesTimeoutMs);
    socket.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd);
    socket.resume();
    look();
  });
}

function checkTls(bytes: Buffer, host: string): ReturnType<Check> {
  const hello = parseClientHello(bytes);
  if (hello.kind === "partial") return bytes.length > maxHelloBytes ? refuse("tls", "its first message is too long") : "more";
  if (hello.kind === "not-tls") return refuse("tls", "it is not TLS");
  // RFC 6066 §3 forbids addresses as server names, so for an address there is none
  if (isIpv4(host)) return hello.serverName === undefined ? "fine" : new Refusal("sni-mismatch", "TLS names a server although the host is an address");
  if (hello.serverName === undefined) return new Refusal("sni-missing", "TLS does not name the server (no SNI)");
  const name = parseHostName(hello.serverName);
  if (!name.ok || name.host !== host) return new Refusal("sni-mismatch", "TLS names another server than the one asked for");
  return "fine";
}

const sshGreeting = "SSH-2.0-";

function checkSsh(bytes: Buffer): ReturnType<Check> {
  const start = bytes.toString("latin1", 0, sshGreeting.length);
  if (start === sshGreeting) return "fine";
  return sshGreeting.startsWith(start) ? "more" : refuse("ssh", "it is not SSH");
}

function refuse(protocol: GateDestination["protocol"], state: string): Refusal {
  return new Refusal(protocol === "ssh" ? "not-ssh" : "not-tls", `the tunnel is for ${protocol === "ssh" ? "SSH" : "TLS"}, and ${state}`);
}
