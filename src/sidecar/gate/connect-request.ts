/** Understands one request head at the front door: CONNECT to a host and port, and a useful answer to everything else. */
import { parseHostName } from "../../core/host-name.ts";
import { quote } from "../../core/text.ts";
import { Refusal } from "./refusal.ts";

export interface ConnectRequest {
  /** Canonical */
  readonly host: string;
  readonly port: number;
}

/** RFC 9110 §5.5 without obs-fold: a name, a colon at once, a value without control characters */
export const headerLine = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;
/** Decimal without sign or leading zero, so that it has one spelling */
const authority = /^([^:]+):([1-9]\d{0,4})$/;

/** Reads a CONNECT request. Anything else is a `Refusal` that says what to do instead. */
export function parseConnect(head: string): ConnectRequest {
  const [requestLine = "", ...headers] = head.split("\r\n");
  const match = /^([A-Z]+) ([\x21-\x7e]+) HTTP\/1\.[01]$/.exec(requestLine);
  if (!match || !headers.every((line) => headerLine.test(line))) {
    throw new Refusal("malformed", "the request is not well-formed HTTP", 400);
  }
  const [, method = "", target = ""] = match;
  if (method !== "CONNECT") throw refuseOther(method, target);
  const names = headers.map((line) => line.slice(0, line.indexOf(":")).toLowerCase());
  // Two readers of such a request could disagree on where it goes or where it ends
  if (names.filter((name) => name === "host").length > 1)
    throw new Refusal("malformed", "it has two Host headers", 400);
  if (names.includes("transfer-encoding") || names.includes("content-length")) {
    throw new Refusal("malformed", "a CONNECT request has no body", 400);
  }
  return parseAuthority(target);
}

function parseAuthority(target: string): ConnectRequest {
  const [, name = "", digits = ""] = authority.exec(target) ?? [];
  const port = Number(digits);
  if (name === "" || port > 65_535) {
    throw new Refusal("malformed", `${quote(target)} is not host:port with a decimal port`, 400, {
      host: target,
      port: 0,
    });
  }
  const parsed = parseHostName(name);
  if (parsed.ok) return { host: parsed.host, port };
  throw new Refusal("malformed", `${quote(name)} is not a host name: ${parsed.problem}`, 400, {
    host: name,
    port,
  });
}

function refuseOther(method: string, target: string): Refusal {
  const [, scheme = "", name = "", digits] =
    /^(https?):\/\/([^/?#:@]+)(?::(\d{1,5}))?(?:[/?#]|$)/i.exec(target) ?? [];
  if (name === "") {
    return new Refusal(
      "malformed",
      `${method} ${quote(target)} asks the bottle's proxy for something of its own`,
      404,
    );
  }
  const isPlain = scheme.toLowerCase() === "http";
  const asked = { host: name.toLowerCase(), port: Number(digits ?? (isPlain ? 80 : 443)) };
  if (isPlain) return new Refusal("plain-http", "plain http is blocked", 403, asked);
  return new Refusal("malformed", "an https:// address must be asked for by CONNECT", 400, asked);
}
