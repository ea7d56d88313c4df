/** Refusals: what the agent reads, in words that tell it what to do instead of trying again. */
import type { RefusalCode } from "./protocol.ts";

/** A refused or failed attempt. `reason` is a sentence without a full stop. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;

  constructor(code: RefusalCode, reason: string, status = 403) {
    super(reason);
    this.code = code;
    this.status = status;
  }
}

const statusTexts: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  429: "Too Many Requests",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/** The whole HTTP answer of a refusal. */
export function renderRefusal(refusal: Refusal, target: string): string {
  const body = `claude-bottle refused ${target}: ${refusal.message}.\n${adviseOn(refusal.code)}\n`;
  return [
    `HTTP/1.1 ${refusal.status} ${statusTexts[refusal.status] ?? "Refused"}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Claude-Bottle: ${refusal.code}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}

function adviseOn(code: RefusalCode): string {
  switch (code) {
    case "not-allowed":
    case "wrong-port":
      return "This is the bottle's policy and not a fault of the network; trying again will not help. If the task needs it, ask the user to grant it in claude-bottle.json (egress.allowlist, or ssh for another port).";
    case "plain-http":
      return "Use https:// for the same host.";
    case "private-address":
      return "Ask the user to list the host under egress.private in claude-bottle.json if it is meant to be on a private network.";
    case "filter":
      return "The sidecar's filter decided this; trying again will not help.";
    case "unreachable":
    case "too-many":
      return "The host is allowed, so trying again later may help.";
    default:
      return "Only TLS to allowed hosts on port 443, and SSH to granted hosts, can pass.";
  }
}
