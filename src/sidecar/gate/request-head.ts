/**
 * Reading the head of a proxy request, strictly: one request line, CRLF only, no control characters. Two parsers that read one
 * head differently are how proxies were bypassed, so what is not plainly well formed is refused.
 */
import type { Socket } from "node:net";
import { parseHostName } from "../../core/host-name.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { Refusal } from "./refusal.ts";

const maxHeadBytes = 16 * 1024;
const headTimeoutMs = 10_000;

export interface ConnectRequest {
  /** Canonical */
  readonly host: string;
  readonly port: number;
}

export interface RequestHead {
  readonly text: string;
  /** What came after the head in the same packets; belongs to the tunnel */
  readonly rest: Buffer;
}

/** Reads up to the empty line. The socket is left paused. Throws a `Refusal` for a head that is too long or too slow. */
export function readHead(socket: Socket): Promise<RequestHead> {
  return new Promise((resolve, reject) => {
    let seen = Buffer.alloc(0);
    const finish = (act: () => void) => {
      clearTimeout(timer);
      socket.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd);
      socket.pause();
      act();
    };
    const onEnd = () => finish(() => reject(new Refusal("malformed", "the request ended before it was whole", 400)));
    const onData = (chunk: Buffer) => {
      const searchFrom = Math.max(0, seen.length - 3);
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf("\r\n\r\n", searchFrom);
      if (end >= 0) {
        const head = { text: seen.toString("latin1", 0, end), rest: Buffer.from(seen.subarray(end + 4)) };
        finish(() => resolve(head));
      } else if (seen.length > maxHeadBytes) {
        finish(() => reject(new Refusal("malformed", `the request head is longer than ${maxHeadBytes} bytes`, 400)));
      }
    };
    const timer = setTimeout(() => {
      finish(() => reject(new Refusal("malformed", "the request head took too long", 400)));
    }, headTimeoutMs);
    socket.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd);
    socket.resume();
  });
}

/** Reads a CONNECT request. Anything else is a `Refusal` that says what to do instead. */
export function parseConnect(head: string): ConnectRequest {
  const [requestLine = "", ...headers] = head.split("\r\n");
  if (/[^\x20-\x7e]/.test(requestLine) || headers.some((line) => !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/.test(line))) {
    throw new Refusal("malformed", "the request is not well formed", 400);
  }
  const match = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/.exec(requestLine);
  if (!match) throw new Refusal("malformed", "the request line is not well formed", 400);
  const [, method = "", target = ""] = match;
  if (method !== "CONNECT") throw refuseOther(target);
  const authority = /^([^:]+):([1-9]\d{0,4})$/.exec(target);
  const port = Number(authority?.[2]);
  if (!authority || port > 65_535) throw new Refusal("malformed", "CONNECT needs host:port with a decimal port", 400);
  const parsed = parseHostName(authority[1] ?? "");
  if (!parsed.ok) throw new Refusal("malformed", `${JSON.stringify(escapeForTerminal(authority[1] ?? ""))} is not a host name: ${parsed.problem}`, 400);
  return { host: parsed.host, port };
}

function refuseOther(target: string): Refusal {
  if (/^http:\/\//i.test(target)) return new Refusal("plain-http", "plain http cannot pass, only https");
  if (/^https:\/\//i.test(target)) return new Refusal("malformed", "an https:// address must be asked for by CONNECT", 400);
  return new Refusal("malformed", "this is the bottle's proxy, and it serves nothing itself", 404);
}
