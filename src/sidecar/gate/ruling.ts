/**
 * Decides each request to a host whose TLS the gate opens, by the rules that are in force at that moment: what may be asked for, and as
 * whom. What it lets go on goes on with its path in the one form that was decided on.
 */
import type { IncomingMessage } from "node:http";
import { decide } from "../../core/http-rules/decide.ts";
import type { Decision } from "../../core/http-rules/decide.ts";
import { findRerouting } from "../../core/http-rules/headers-that-reroute.ts";
import { webSocketMethod } from "../../core/http-rules/http-rule.ts";
import type { AccountRule, HostRules } from "../../core/http-rules/host-rules.ts";
import { escapeForTerminal } from "../../core/text.ts";
import type { Header } from "./bound-headers.ts";
import { pairUp, readFraming } from "./bound-request.ts";
import type { Emit } from "./events.ts";
import { readWhole } from "./inspected-request.ts";
import { Refusal } from "./refusal.ts";
import { compileRules } from "./compiled-rules.ts";
import { hasForeignShape, lookForCredentials } from "./foreign-credential.ts";
import type { OwnCredentials } from "./foreign-credential.ts";
import { SetCookies } from "./set-cookies.ts";

/** What a rule of GraphQL and a login call are read whole up to */
const wholeBytes = 256 * 1024;
const longestShown = 300;
/** Calls by which a client shows a credential in the body, by the end of their path: a repository may be named `auth` */
const loginCall =
  /\/-\/user\/|\/(?:log-?in|sign[-_]?in|sessions?|access_tokens?|oauth2?|tokens?|auth|authenticate|authorize)\/?(?:\?|$)/i;

export interface RulingOptions {
  /** Of this moment; undefined for a host that is allowed whole */
  readonly rulesAt: (host: string) => HostRules | undefined;
  /** Of a host without rules that has a secret of the bottle */
  readonly isBound: (host: string) => boolean;
  /** Credentials that are this bottle's there, but for cookies */
  readonly ownAt: (host: string) => Omit<OwnCredentials, "hasCookie">;
  readonly emit: Emit;
}

/** What a request becomes that goes on. */
export interface Ruled {
  /** Path and query */
  readonly path: string;
  /** There if it had to be read whole; it is not in the request any more */
  readonly body: Buffer | undefined;
}

export interface Ruling {
  /** Rejects with a `Refusal`; nothing of the request has gone on then. */
  judge(incoming: IncomingMessage, host: string, isUpgrade?: boolean): Promise<Ruled>;
  /** Is shown every answer of a host. */
  noteAnswer(host: string, answer: IncomingMessage): void;
}

/** Makes what judges the requests of all hosts. */
export function makeRuling(options: RulingOptions): Ruling {
  const cookies = new SetCookies();
  const ownAt = (host: string): OwnCredentials => ({
    ...options.ownAt(host),
    hasCookie: (pair) => cookies.has(host, pair),
  });
  return {
    async judge(incoming, host, isUpgrade = false) {
      const rules = options.rulesAt(host);
      const account = rules?.account ?? (options.isBound(host) ? "own" : "any");
      const method = isUpgrade ? webSocketMethod : (incoming.method ?? "");
      try {
        return await judge({ incoming, host, method, rules, account, own: ownAt(host) });
      } catch (error) {
        if (error instanceof Refusal) tell(options.emit, host, `${method} ${incoming.url ?? ""}`, error);
        throw error;
      }
    },
    noteAnswer(host, answer) {
      const lines = answer.headers["set-cookie"];
      if (lines) cookies.note(host, lines);
    },
  };
}

interface Question {
  readonly incoming: IncomingMessage;
  readonly host: string;
  readonly method: string;
  readonly rules: HostRules | undefined;
  readonly account: AccountRule;
  readonly own: OwnCredentials;
}

async function judge({ incoming, host, method, rules, account, own }: Question): Promise<Ruled> {
  const { url = "" } = incoming;
  const headers = pairUp(incoming.rawHeaders);
  if (rules) requireOneMeaning(incoming, headers);
  if (account !== "any") requireAccount(headers, url, account, own);
  const decision = rules ? decide(compileRules(rules.allow), { method, target: url }) : undefined;
  if (decision?.verdict === "refused") throw new Refusal("rule", decision.reason);
  const path = decision?.target ?? url;
  const isLogin = account !== "any" && loginCall.test(path);
  if (decision?.verdict !== "by-body" && !isLogin) return { path, body: undefined };
  const body = await readLimited(incoming, headers, host);
  if (decision?.verdict === "by-body") await requireGraphql(decision, headers, body);
  if (isLogin && hasForeignShape(body.toString("latin1"), own)) throw refuseForeign("body");
  return { path, body };
}

/** The query stays out: it may hold what is nobody's business. */
function tell(emit: Emit, host: string, request: string, { code, message }: Refusal): void {
  const shown = escapeForTerminal(request.split("?")[0] ?? "").slice(0, longestShown);
  emit({ event: "attempt", host, port: 443, verdict: "refused", code, reason: message, request: shown });
}

/** Throws for what a server could take for another request than its first line. */
function requireOneMeaning(incoming: IncomingMessage, headers: readonly Header[]): void {
  if (incoming.httpVersion !== "1.1")
    throw new Refusal("rule", "a host with rules is asked in HTTP/1.1 only", 403);
  const rerouting = findRerouting(headers.map(([name]) => name));
  if (rerouting !== undefined)
    throw new Refusal("rule", `the header ${rerouting} can name another address than the request`);
}

function requireAccount(
  headers: readonly Header[],
  url: string,
  account: AccountRule,
  own: OwnCredentials,
): void {
  const at = url.indexOf("?");
  const { foreign, hasOwn } = lookForCredentials(headers, at < 0 ? "" : url.slice(at + 1), own);
  if (foreign !== undefined) throw refuseForeign(foreign);
  if (account === "required" && !hasOwn)
    throw new Refusal(
      "account",
      "the host is allowed with this bottle's own credential only, and there is none",
    );
}

function refuseForeign(where: string): Refusal {
  return new Refusal("account", `it carries a credential that is not this bottle's (${where})`);
}

async function requireGraphql(
  decision: Extract<Decision, { verdict: "by-body" }>,
  headers: readonly Header[],
  body: Buffer,
): Promise<void> {
  // Its parser is made ready where somebody asks for it: most bottles never do
  const { findUnwished, readGraphqlBody } = await import("./graphql-body.ts");
  const refuse = (problem: string) => new Refusal("rule", `its GraphQL cannot be decided on: ${problem}`);
  const valuesOf = (wanted: string) =>
    headers.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value.toLowerCase()] : []));
  if (valuesOf("content-encoding").length > 0) throw refuse("it is compressed");
  const types = valuesOf("content-type");
  if (types.length !== 1 || !/^application\/json *(?:; *charset="?utf-8"?)?$/.test(types[0] ?? ""))
    throw refuse("it is not declared as application/json");
  const read = readGraphqlBody(body);
  if (!read.ok) throw refuse(read.problem);
  const odd = findUnwished(
    read.operations,
    decision.rules.map((rule) => rule.graphql),
  );
  if (odd !== undefined)
    throw new Refusal("rule", `no rule of the host allows ${odd} at ${decision.target.slice(0, 200)}`);
}

async function readLimited(
  incoming: IncomingMessage,
  headers: readonly Header[],
  host: string,
): Promise<Buffer> {
  const framing = readFraming(headers, host);
  if (framing === "none" || framing === 0) return Buffer.alloc(0);
  if (framing === "chunked")
    throw new Refusal("rule", "it has to be read before it goes on, and has no length");
  if (framing > wholeBytes)
    throw new Refusal("rule", `it has to be read before it goes on, and is longer than ${wholeBytes} bytes`);
  return readWhole(incoming);
}
