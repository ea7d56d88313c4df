/**
 * Opens the TLS of hosts that are reached for git alone: each request is one of git's own to a repository that a rule names, or it is
 * refused. A push goes on when all of it was looked at. Bound secrets are put in here as on any bound host.
 */
import { request } from "node:http";
import type { Agent, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import type { SecureContext } from "node:tls";
import { openTls } from "./api-upstream.ts";
import { passScrubbed } from "./bound-answer.ts";
import { credentialHeaders } from "./bound-headers.ts";
import { readBoundRequest } from "./bound-request.ts";
import type { BoundRequest } from "./bound-request.ts";
import { makeSecretReturns } from "./bound-returns.ts";
import type { SecretReturns } from "./bound-returns.ts";
import { makeScrubber } from "./bound-scrub.ts";
import type { Scrubber } from "./bound-scrub.ts";
import type { SecretUses } from "./bound-uses.ts";
import type { WatchedPlaceholder } from "./bound-watch.ts";
import type { Bounds, Meter } from "./bounds.ts";
import type { Emit } from "./events.ts";
import { acceptTls, makeHostAgent, makeOpenedServer, maxHeaderBytes, runOpened } from "./opened-tls.ts";
import type { OpenedHosts } from "./opened-tls.ts";
import { lookAtHead } from "./request-look.ts";
import type { Traps } from "./traps.ts";
import { makeTurns } from "./turns.ts";
import type { Turns } from "./turns.ts";
import { Refusal } from "./refusal.ts";
import type { GitRule } from "../../core/git-rules.ts";
import type { GateSecret } from "../../protocol/gate.ts";
import type { WayOut } from "./way-out.ts";
import { refuseGit } from "./git-answer.ts";
import { makeAsker } from "./git-known.ts";
import { readGitCall } from "./git/git-call.ts";
import type { GitCall } from "./git/git-call.ts";
import type { PushJudge } from "./git/judge-push.ts";
import { prepareBody, prepareHeaders } from "./git-prepare.ts";
import { findGrant } from "./git/push-rules.ts";
import type { RepoGrant } from "./git/push-rules.ts";
import { makeRefsRewriter } from "./git/refs-rewriter.ts";

export interface GitHostsOptions {
  readonly rulesOf: (host: string) => readonly GitRule[];
  /** `from` is the port of the agent's side */
  readonly judgeOf: (host: string, from: number | undefined) => PushJudge;
  /** Takes the requests that are none of git's, for a host that has other rules too */
  readonly besideOf: (host: string, toHost: Agent, from: number | undefined) => RequestListener | undefined;
  readonly secrets: readonly GateSecret[];
  readonly watched: readonly WatchedPlaceholder[];
  readonly uses: SecretUses;
  readonly certificate: SecureContext;
  /** PEM of the authorities that vouch for the hosts; undefined for those that Node brings */
  readonly trusted: string | undefined;
  readonly wayOut: WayOut;
  readonly emit: Emit;
  /** Made-up credentials, which the look at a push knows too */
  readonly traps: Traps | undefined;
  /** Counts requests */
  readonly bounds: Pick<Bounds, "find">;
}

interface Tunnel extends GitHostsOptions {
  readonly host: string;
  readonly values: readonly GateSecret[];
  readonly agent: Agent;
  readonly scrubber: Scrubber;
  readonly returns: SecretReturns;
  readonly beside: RequestListener | undefined;
  /** One push at a time: each is in memory as a whole */
  readonly pushes: Turns;
  readonly others: Turns;
  readonly from: number | undefined;
  readonly meter: Meter;
}

const maxWaitingPushes = 8;
/** Bodies of fetches are in memory too, though small; and no client asks for so many repositories at a time */
const maxOthers = 32;
const maxWaiting = 128;

const noScrubber: Scrubber = { scrubText: (text) => text, makeStream: () => new PassThrough() };

/** Takes the tunnels to hosts that rules of git name. */
export function makeGitHosts(options: GitHostsOptions): OpenedHosts {
  const { secrets, wayOut, trusted } = options;
  const scrubber = secrets.length === 0 ? noScrubber : makeScrubber(secrets);
  const returns = makeSecretReturns(options.uses);
  const pushes = makeTurns(1, maxWaitingPushes);
  const others = makeTurns(maxOthers, maxWaiting);
  const tunnels = new WeakMap<object, Tunnel>();
  const server = makeOpenedServer((incoming, answer) => {
    const tunnel = tunnels.get(incoming.socket);
    if (!tunnel) return;
    const isGit = readGitCall(incoming.method ?? "", incoming.url ?? "") !== undefined;
    const beside = isGit ? undefined : tunnel.beside;
    if (beside) beside(incoming, answer as never);
    else void forward(tunnel, incoming, answer);
  });
  const connect: OpenedHosts["connect"] = async (target) => {
    returns.requireOpen(target.host);
    return openTls(target, wayOut, trusted);
  };
  return {
    connect,
    run(agent, upstream, first, target) {
      const secure = acceptTls(agent, first, options.certificate);
      const toHost = makeHostAgent(upstream, () => connect(target));
      const { host } = target;
      const values = secrets.filter((one) => one.hosts.includes(host));
      const from = agent.remotePort;
      const beside = options.besideOf(host, toHost, from);
      const meter = options.bounds.find(host);
      const shared = { scrubber, returns, pushes, others };
      tunnels.set(secure, { ...options, ...shared, beside, host, values, agent: toHost, from, meter });
      return runOpened({ server, secure, agent, upstream, toHost });
    },
  };
}

/** Never rejects. */
async function forward(tunnel: Tunnel, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { host, uses } = tunnel;
  incoming.on("error", () => undefined);
  try {
    tunnel.returns.requireOpen(host);
    const call = readGitCall(incoming.method ?? "", incoming.url ?? "");
    const grant = requireGrant(tunnel, call);
    const asked = readBoundRequest(incoming, host, tunnel.values, tunnel.watched);
    for (const { name, where } of asked.blocked) uses.blocked(name, host, where);
    lookForTraps(tunnel, asked);
    requireOwnAccount(tunnel, asked);
    tunnel.meter.request(Number(incoming.headers["content-length"] ?? 0));
    await takeTurn(call?.kind === "push" ? tunnel.pushes : tunnel.others, answer);
    const ask = makeAsker(tunnel.agent, asked.path, asked.headers);
    const body = await prepareBody(call as GitCall, grant, incoming, {
      ...tunnel.judgeOf(host, tunnel.from),
      ask,
    });
    for (const name of asked.used) uses.used(name, host);
    send(tunnel, { call: call as GitCall, asked, body }, incoming, answer);
  } catch (error) {
    refuseGit(tunnel, incoming, answer, error);
  }
}

/** In the head; a push's objects are looked at with all else that is looked for. Throws a `Trapped`. */
function lookForTraps({ traps, host, from }: Tunnel, { method, path, headers }: BoundRequest): void {
  const look = traps?.lookAt(host, from);
  if (!look) return;
  const context = { looker: look.looker, coverage: look.beginCoverage() };
  look.judge(lookAtHead(context, { method, path, headers, host }));
  context.coverage.commit();
}

/** Until it is answered. Rejects with a `Refusal` if too many wait. */
async function takeTurn(turns: Turns, answer: ServerResponse): Promise<void> {
  const giveBack = await turns.take();
  if (answer.destroyed) giveBack();
  else answer.once("close", giveBack);
}

/** Throws a `Refusal` for what no rule allows, before anything of the body is read. */
function requireGrant({ rulesOf, host }: Tunnel, call: GitCall | undefined): RepoGrant {
  const rules = rulesOf(host);
  const names = [...new Set(rules.map((one) => one.repo))].join(", ");
  if (!call)
    throw new Refusal(
      "git-rule",
      `the host is allowed for git only (${names}), and this is no request of git's`,
    );
  const grant = findGrant(rules, call.repo);
  if (!grant) throw new Refusal("git-rule", `no rule names the repository ${call.repo} (allowed: ${names})`);
  const isPush = call.kind === "push" || (call.kind === "refs" && call.service === "git-receive-pack");
  if (isPush && grant.push.length === 0)
    throw new Refusal("git-rule", `${call.repo} may be read, and not be pushed to`);
  return grant;
}

/** Where a secret is bound to the host, no other account is used there. Of two credentials one would be. */
function requireOwnAccount({ values }: Tunnel, { headers, used }: BoundRequest): void {
  const carried = headers.filter(([name]) => credentialHeaders.has(name.toLowerCase())).length;
  if (values.length > 0 && (carried > 1 || (carried === 1 && used.length === 0)))
    throw new Refusal("git-rule", "it carries a credential that is not the one of this bottle for this host");
}

interface Exchange {
  readonly call: GitCall;
  readonly asked: BoundRequest;
  readonly body: readonly Buffer[] | undefined;
}

function send(
  tunnel: Tunnel,
  exchange: Exchange,
  incoming: IncomingMessage,
  answer: ServerResponse,
  mayRepeat = exchange.call.kind !== "push",
): void {
  const { asked, body } = exchange;
  const outgoing = request({
    agent: tunnel.agent,
    method: asked.method,
    path: asked.path,
    headers: prepareHeaders(asked.headers, body).flat() as unknown as Record<string, string>,
    setHost: false,
    maxHeaderSize: maxHeaderBytes,
  });
  outgoing.on("response", (upstream) => {
    upstream.on("end", () => {
      if (!outgoing.writableFinished) outgoing.destroy();
    });
    try {
      pass(tunnel, exchange, upstream, answer);
    } catch (error) {
      outgoing.destroy();
      refuseGit(tunnel, incoming, answer, error);
    }
  });
  outgoing.on("error", (error) => {
    if (answer.headersSent || answer.destroyed) return void answer.destroy();
    // A host that has closed an idle connection has seen nothing of this
    if (mayRepeat && outgoing.reusedSocket) return send(tunnel, exchange, incoming, answer, false);
    refuseGit(tunnel, incoming, answer, error);
  });
  answer.on("close", () => {
    if (!answer.writableFinished) outgoing.destroy();
  });
  for (const piece of body ?? []) outgoing.write(piece);
  outgoing.end();
}

/** Of a list of refs for a push the beginning is changed. Throws a `Refusal` for what cannot be looked through. */
function pass(
  { host, secrets, scrubber, returns }: Tunnel,
  { call, asked }: Exchange,
  upstream: IncomingMessage,
  answer: ServerResponse,
): void {
  const isForPush = call.kind === "refs" && call.service === "git-receive-pack";
  passScrubbed(upstream, answer, {
    method: asked.method,
    leftOut: [],
    scrubber,
    onTakenOut: (secret) => returns.note(secrets[secret]?.name ?? "", host),
    ...(isForPush && upstream.statusCode === 200 && { rewrite: makeRefsRewriter() }),
  });
}
