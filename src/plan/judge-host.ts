/** Whether a bottle may reach a host, by which rule, and what to write where it may not. From the manifest alone; nothing is asked. */
import { isLocalName, kindOfAddress, kindOfIpv4 } from "../core/address-kind.ts";
import { matchesHostPattern } from "../core/host-name.ts";
import type { BottleEntry, SourceRef } from "../manifest/manifest.ts";
import { sidecarHosts } from "./built-in-hosts.ts";
import { describeProtocol } from "./describe-destination.ts";
import { makeDestinations } from "./destinations.ts";
import type { Destination } from "./egress-plan.ts";
import { judgeRequest } from "./judge-request.ts";
import type { RequestQuestion } from "./judge-request.ts";

export const tlsPort = 443;
export const plainPort = 80;
export const sshPort = 22;

export interface HostQuestion {
  /** Canonical name or pattern */
  readonly host: string;
  /** Undefined: any that is granted */
  readonly port: number | undefined;
  /** Where the name leads to here; left out where nobody looked */
  readonly addresses?: readonly string[] | undefined;
  /** One request to it; left out for the host as such */
  readonly request?: RequestQuestion | undefined;
}

export interface HostAnswer {
  readonly verdict: "allowed" | "blocked";
  /** A rule, its absence, a rule for other ports alone, an address that rules do not open, or what only the sidecar may reach */
  readonly because: "rule" | "no rule" | "other port" | "address" | "sidecar";
  readonly port: number;
  /** One sentence without a full stop */
  readonly reason: string;
  /** Where the rule stands; undefined where there is none, and for what is built in */
  readonly source: SourceRef | undefined;
  /** Only a rule under `egress.private` opens it */
  readonly needsPrivate: boolean;
  /** What could be written, or why nothing can; one sentence each */
  readonly advice: readonly string[];
}

/** What no rule, or no rule of the kind that there is, opens. */
export type Obstacle = Pick<HostAnswer, "reason" | "advice" | "needsPrivate">;

/** What the manifest says. */
export function judgeHost(bottle: BottleEntry, question: HostQuestion): HostAnswer {
  const { host } = question;
  const destinations = makeDestinations(bottle);
  const named = destinations
    .filter((one) => matchesHostPattern(host.replace(/^\*\./, ""), one.host))
    // As the gate decides: the name itself goes before patterns, and a longer pattern before a shorter one
    .toSorted((a, b) => Number(b.host === host) - Number(a.host === host) || b.host.length - a.host.length);
  const found =
    question.port === undefined
      ? (named.find((one) => one.port === tlsPort) ?? named[0])
      : named.find((one) => one.port === question.port);
  const port = question.port ?? found?.port ?? tlsPort;
  const isPrivate = found?.isPrivate ?? false;
  const obstacle = findObstacle(host, isPrivate) ?? findAddressObstacle(question, isPrivate);
  if (obstacle && (found || !obstacle.needsPrivate || kindOfIpv4(host)))
    return {
      verdict: "blocked",
      because: "address",
      port,
      source: sourceOf(found),
      ...forGit(obstacle, found),
    };
  if (found) return allow(found, port, question);
  const api = sidecarHosts(bottle.auth).find((one) => one.host === host && port === tlsPort);
  if (api) return blockApi(api.reason, port);
  return {
    verdict: "blocked",
    because: named.length > 0 ? "other port" : "no rule",
    port,
    reason: named.length > 0 ? `only ${listPorts(named)} of it may be reached` : "no rule names it",
    source: sourceOf(named[0]),
    needsPrivate: obstacle?.needsPrivate ?? false,
    advice: [...adviseOnPort(host, port), ...adviseOnPattern(host, port, destinations)],
  };
}

/** Why a host can never be reached, or not by a rule that is not private; undefined for all others. */
export function findObstacle(host: string, isPrivate: boolean): Obstacle | undefined {
  if (isLocalName(host))
    return {
      reason: "it is the bottle itself, not your machine",
      needsPrivate: false,
      advice: ["Inside the bottle it needs no rule."],
    };
  const kind = kindOfIpv4(host);
  if (kind === "forbidden")
    return {
      reason: "no rule can allow loopback, link-local and reserved addresses",
      needsPrivate: false,
      advice: [],
    };
  if (kind !== "private" || isPrivate) return undefined;
  return {
    reason: "it is a private address, which the filter blocks unless egress.private names it",
    needsPrivate: true,
    advice: [`Write "private": ["${host}"] under the bottle's egress.`],
  };
}

/** By where the name leads on this machine; the sidecar looks it up by itself. */
export function findAddressObstacle(
  { host, addresses = [] }: Pick<HostQuestion, "host" | "addresses">,
  isPrivate: boolean,
): Obstacle | undefined {
  const kinds = addresses.map((address) => ({ address, kind: kindOfAddress(address) }));
  const forbidden = kinds.find((one) => one.kind === "forbidden");
  if (forbidden)
    return {
      reason: `it leads to ${forbidden.address} here, and no rule can allow loopback, link-local and reserved addresses`,
      needsPrivate: false,
      advice: [],
    };
  const inner = isPrivate ? undefined : kinds.find((one) => one.kind === "private");
  return (
    inner && {
      reason: `it leads to ${inner.address} here, which the filter blocks unless egress.private names the host`,
      needsPrivate: true,
      advice: [`Write "private": ["${host}"] under the bottle's egress.`],
    }
  );
}

/** In the list of hosts it would be allowed for more than git. */
function forGit(obstacle: Obstacle, found: Destination | undefined): Obstacle {
  if (!found?.git || !obstacle.needsPrivate) return obstacle;
  return { ...obstacle, advice: ['Write "private": true in the git rules for it.'] };
}

function allow(found: Destination, port: number, { host, request }: HostQuestion): HostAnswer {
  const { origin, rules } = found;
  const by = origin.kind === "built-in" ? `built in: ${origin.reason}` : `the rule for ${found.host}`;
  return {
    verdict: "allowed",
    because: "rule",
    port,
    reason: `${by}, ${describeProtocol(found)}`,
    source: sourceOf(found),
    needsPrivate: false,
    advice: [],
    ...(rules && request ? judgeRequest(host, rules, request) : {}),
  };
}

function blockApi(reason: string, port: number): HostAnswer {
  return {
    verdict: "blocked",
    because: "sidecar",
    port,
    reason: `only the sidecar reaches it: ${reason}`,
    source: undefined,
    needsPrivate: false,
    advice: ["Claude itself needs no rule for it."],
  };
}

/** What could be written for a host and a port that no rule names. */
function adviseOnPort(host: string, port: number): string[] {
  if (port === tlsPort) return [`Write "allowlist": ["${host}"] under the bottle's egress.`];
  if (port === plainPort)
    return [`Plain http: write "http": ["${host}"] under the bottle's egress, and start the bottle again.`];
  const pair = `${host}:${port}`;
  return [
    `TLS: write "allowlist": ["${pair}"] under the bottle's egress. Plain http: "http": ["${pair}"].`,
    `Any other protocol, such as a database's: "tcp": ["${pair}"]. SSH: an ssh entry. Then start the bottle again.`,
  ];
}

/** A rule for the name itself does not cover the names below it, which is the usual slip. */
function adviseOnPattern(host: string, port: number, destinations: readonly Destination[]): string[] {
  const parent = destinations.find((one) => one.port === port && host.endsWith(`.${one.host}`));
  return parent ? [`"${parent.host}" names only that host; "*.${parent.host}" also names all below it.`] : [];
}

function listPorts(named: readonly Destination[]): string {
  return named.map((one) => `port ${one.port} (${describeProtocol(one)})`).join(" and ");
}

function sourceOf(found: Destination | undefined): SourceRef | undefined {
  return found?.origin.kind === "manifest" ? found.origin.source : undefined;
}
