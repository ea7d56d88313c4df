/** Refusals: what the agent reads, in words that tell it what to do instead of trying again. */
import { quoteForShell } from "../../core/shell-quote.ts";
import { quote } from "../../core/text.ts";
import type { RefusalCode } from "../../protocol/gate.ts";

/** Where a refused request wanted to go. `host` may be hostile text; `port` is 0 if it could not be read. */
export interface RefusedTarget {
  readonly host: string;
  readonly port: number;
}

/** A refused or failed attempt. The message is a clause without a full stop. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  /** HTTP status */
  readonly status: number;
  /** Set when the request was not understood as a whole but said where it wanted to go */
  readonly target: RefusedTarget | undefined;

  constructor(code: RefusalCode, message: string, status = 403, target?: RefusedTarget) {
    super(message);
    this.code = code;
    this.status = status;
    this.target = target;
  }
}

const statusTexts: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  411: "Length Required",
  413: "Content Too Large",
  429: "Too Many Requests",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

/** The whole HTTP answer of a refusal. */
export function renderRefusal(refusal: Refusal, target: RefusedTarget | undefined): string {
  const body = renderRefusalBody(refusal, target);
  return [
    `HTTP/1.1 ${refusal.status} ${statusTexts[refusal.status] ?? "Refused"}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Claude-Bottle: refused; code=${refusal.code}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}

/** What it says. */
export function renderRefusalBody(refusal: Refusal, target: RefusedTarget | undefined): string {
  const what = target && target.port > 0 ? ` ${quote(target.host).slice(1, -1)}:${target.port}` : "";
  return `claude-bottle blocked${what}: ${refusal.message}. ${adviseOn(refusal.code, target)}\n`;
}

/** Whether a list takes the host alone for it. */
function isUsual(target: RefusedTarget | undefined): boolean {
  return target === undefined || target.port === 80 || target.port === 443;
}

/** Which list it is depends on what is spoken there. */
function adviseOnPort(target: RefusedTarget | undefined): string {
  const pair = quote(`${target?.host ?? "HOST"}:${target?.port ?? "PORT"}`);
  const ask =
    target === undefined || target.port === 22
      ? ""
      : `Ask with "bottle-request ${quoteForShell(`${target.host}:${target.port}`)} --reason WHY", and --kind tcp if it is not TLS. `;
  return `${ask}Ask the user to add ${pair} to egress in claude-bottle.json, under allowlist for TLS, http for plain http, tcp for anything else, or an ssh entry for ssh.`;
}

function adviseOn(code: RefusalCode, target: RefusedTarget | undefined): string {
  const host = quote(target?.host ?? "the host");
  const allow = `claude-bottle allow BOTTLE ${target ? quoteForShell(target.host) : "HOST"}`;
  const policy = "It is not a network fault, and retrying will not help.";
  switch (code) {
    case "not-allowed":
      if (target !== undefined && target.port !== 443) return `${policy} ${adviseOnPort(target)}`;
      return `${policy} Ask with "bottle-request ${target ? quoteForShell(target.host) : "HOST"} --reason WHY", or ask the user to run "${allow}" for this session, or to add ${host} to egress.allowlist in claude-bottle.json.`;
    case "wrong-port":
      return `${policy} ${adviseOnPort(target)}`;
    case "plain-http":
      return `${policy} Use https:// for the same host; if it has none, ask the user to add ${isUsual(target) ? "it" : quote(`${target?.host}:${target?.port}`)} to egress.http in claude-bottle.json.`;
    case "private-address":
      return `${policy} If the host is meant to be on a private network, ask the user to run "${allow} --private", or to add ${host} to egress.private in claude-bottle.json.`;
    case "rule":
      return `The host is allowed in part: what the user's rules name. It is not a network fault, and retrying will not help. Ask the user to allow the request with "claude-bottle allow BOTTLE 'METHOD ${target?.host ?? "HOST"}/PATH'", or to add a rule to the host's entry under egress.allowlist in claude-bottle.json.`;
    case "account":
      return `Here a request goes without a credential, or with one that the user gave this bottle for the host. Retrying will not help: leave the credential out, or ask the user.`;
    case "secret":
      return "Retrying will not help: leave the secret out, or ask the user.";
    case "git-rule":
      return "Retrying will not help: it is a rule of the user's (git in claude-bottle.json).";
    case "bound":
      return `${policy} Ask the user to raise it: ${allow} --upload SIZE, or --requests NUMBER.`;
    case "filter":
      return "The sidecar decides this; it is not a network fault.";
    case "unreachable":
      return "The host is allowed, so this is a fault of the name or the network; trying again later may help.";
    case "hidden-name":
      return `${policy} Turn Encrypted Client Hello off in the program: chromium --disable-features=EncryptedClientHello; firefox with network.dns.echconfig.enabled false and security.tls.ech.grease_probability 0.`;
    case "too-many":
      return "Close some and try again.";
    default:
      return "This is an HTTP proxy for CONNECT to allowed hosts: https through port 443, and ssh or plain http where the user allowed it.";
  }
}
