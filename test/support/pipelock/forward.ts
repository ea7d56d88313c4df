/** Plain HTTP by absolute URI: the filter is the client, follows redirects itself and looks through everything. */
import type { Socket } from "node:net";
import type { Wire } from "../../../scripts/lib/filter-contract/wire.ts";
import { header } from "./conversation.ts";
import type { Outcome, Request } from "./conversation.ts";
import { judge } from "./findings.ts";
import { isListed, place } from "./hosts.ts";
import { passAnswer, refusedAs } from "./pass-answer.ts";
import { beginRequest, logAs, logLine } from "./program.ts";
import type { Asked, Program } from "./program.ts";
import { recorded, renderAnswer } from "./recorded.ts";
import type { Swaps } from "./recorded.ts";
import { sendUpstream } from "./upstream.ts";
import type { Answer } from "./upstream.ts";

const maxRedirects = 5;

export async function forward(program: Program, request: Request, wire: Wire): Promise<Outcome> {
  const asked = beginRequest(program, (wire.stream as Socket).remoteAddress ?? "");
  const url = request.target;
  const base = swapsFor(url, request.method);
  const log = (group: string, name: string, more: Swaps = {}, which?: (line: string) => boolean) =>
    logAs(recorded(group, name), asked, { ...base, ...more }, which);
  const refuse = (group: string, name: string, more: Swaps = {}) => {
    // Each step of a row of redirects has been told
    log(group, name, more, (line) => !line.includes('"event":"redirect"'));
    wire.write(renderAnswer(recorded(group, name).answer, { ...base, ...more }, request.isLast));
    return "answered" as const;
  };
  if (!/^https?:/i.test(url)) return refuse("plain", "by ftp", { ftp: /^[a-z]+/i.exec(url)?.[0] ?? "" });
  const bad = await judgeHost(program, url);
  if (bad) return refuse("plain", bad.name, bad.swaps);
  const finding = judge("plain", request, url);
  if (finding) {
    logAs(finding.exchange, asked, { ...base, ...finding.swaps });
    wire.write(renderAnswer(finding.exchange.answer, { ...base, ...finding.swaps }, request.isLast));
    return "answered";
  }
  const answer = await follow(program, request, asked);
  if (typeof answer === "string") {
    if (answer === "nobody") return refuse("plain", "nobody listens", closedSwaps(url));
    return refuse("plain, answers", answer, { [answer]: pathOf(url) });
  }
  const page = refusedAs("plain", answer, program.config.maxResponseBytes);
  if (page !== undefined) return refuse("plain, answers", page, { [page]: pathOf(url) });
  const size = await passAnswer("plain", answer, {
    wire,
    request,
    maxBytes: program.config.maxResponseBytes,
    tell: (name, which) => log("plain, answers", name, { [name]: pathOf(url) }, which),
  });
  logForwarded(asked, request, base, size, answer.status);
  return "answered";
}

function logForwarded(asked: Asked, request: Request, base: Swaps, size: number, status: number): void {
  const [line = ""] = recorded("plain", "listed").log;
  const agent = header(request, "x-pipelock-agent") ?? "anonymous";
  const written = line
    .replace('"size_bytes":5', `"size_bytes":${size}`)
    .replace('"status_code":200', `"status_code":${status}`);
  logLine(written, { ...base, "=anonymous": agent }, asked);
}

/** The last answer of a row of redirects, or the page of the record that says why there is none. */
async function follow(program: Program, request: Request, asked: Asked): Promise<Answer | string> {
  let url = request.target;
  for (let hop = 0; ; hop += 1) {
    const to = new URL(url);
    const found = await place(to.hostname.replace(/^\[|\]$/g, ""), program.config);
    if (found.kind !== "good") return "nobody";
    const isTls = to.protocol === "https:";
    const authority = /^[a-z]+:\/\/(?:[^@/]*@)?([^/?#]*)/i.exec(url)?.[1] ?? to.host;
    const credentials =
      to.username === "" ? [] : [`Authorization: Basic ${btoa(`${to.username}:${to.password}`)}`];
    const referer = hop === 0 ? [] : [`Referer: ${request.target}`];
    const answer = await sendUpstream(
      {
        address: found.address,
        port: Number(to.port || (isTls ? 443 : 80)),
        isTls,
        host: to.hostname,
        authority,
      },
      request,
      pathOf(url) || "/",
      [...credentials, ...referer],
    );
    if (answer === "nobody") return "nobody";
    if (typeof answer === "string") return `/${answer}`;
    const location = answer.headers.find(([name]) => name.toLowerCase() === "location")?.[1];
    if (location === undefined || ![301, 302, 303, 307, 308].includes(answer.status)) return answer;
    if (hop + 1 >= maxRedirects) return "/round";
    const next = new URL(location, url).href;
    noteRedirect(asked, request.target, next, hop + 1);
    if (await judgeHost(program, next)) return "/moved-away";
    url = next;
  }
}

function noteRedirect(asked: Asked, from: string, to: string, hop: number): void {
  const [line = ""] = recorded("plain, answers", "/moved").log;
  const swaps = { "=http://localhost:{web}/moved": from, "=http://localhost:{web}/": to };
  logLine(line.replace('"hop":1', `"hop":${hop}`), swaps, asked);
}

/** The exchange of the record that refuses a host, if any. */
async function judgeHost(program: Program, url: string): Promise<{ name: string; swaps: Swaps } | undefined> {
  const { hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  if (!isListed(host, program.config.allowlist, true))
    return { name: "not listed", swaps: { "http://other.invalid/": url, "other.invalid": host } };
  const found = await place(host, program.config);
  if (found.kind === "unknown")
    return { name: "does not resolve", swaps: { "http://unknown.invalid/": url, "unknown.invalid": host } };
  if (found.kind === "internal")
    return {
      name: "private address",
      swaps: { "http://10.9.8.7/": url, "10.9.8.7 resolves": `${host} resolves`, "10.9.8.7": found.address },
    };
  return undefined;
}

/** What the record has for this address and method. */
function swapsFor(url: string, method: string): Swaps {
  const origin = /^[a-z]+:\/\/[^/?#]*/i.exec(url)?.[0] ?? url;
  return {
    "=http://localhost:{web}/": url,
    "http://localhost:{web}": origin,
    "http://localhost:{closed}/": url,
    GET: method,
    POST: method,
  };
}

function closedSwaps(url: string): Swaps {
  const port = new URL(url).port || "80";
  return { "{closed}": port };
}

function pathOf(url: string): string {
  return url.replace(/^[a-z]+:\/\/[^/]*/i, "");
}
