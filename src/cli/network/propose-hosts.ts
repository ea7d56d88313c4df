/** From what a session was blocked to what could be taken into its manifest. The hosts are the agent's choice; the user decides on each. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { parseHostName } from "../../core/host-name.ts";
import type { BottleEntry } from "../../manifest/manifest.ts";
import { findReason } from "../../plan/exfiltration-hosts.ts";
import { judgeHost, plainPort, sshPort, tlsPort } from "../../plan/judge-host.ts";
import type { SaveList } from "../manifest/save-host.ts";

const sshProblem = "SSH needs an ssh entry with a key in the bottle";
/** An agent may call itself anything, and something else each time */
const maxAskers = 5;

export interface BlockedPair {
  /** As the agent wrote it; hostile */
  readonly host: string;
  readonly port: number;
  readonly count: number;
  /** Of the last time */
  readonly reason: string | undefined;
  /** Who asked, by their own word; hostile */
  readonly by: readonly string[];
  /** It was asked for as plain http */
  readonly isPlain?: boolean | undefined;
}

export interface Proposal extends BlockedPair {
  /** Where it would stand under `egress`; undefined if no rule helps, which `problem` explains */
  readonly list: SaveList | undefined;
  /** Nobody here knows what is spoken on this port: it may as well be `tcp` */
  readonly mayBeTcp: boolean;
  readonly problem: string | undefined;
  /** What a rule for it would open */
  readonly opens: string;
}

/** Each pair once, the most frequent first. `others` are pairs that only a receipt remembers, as `host:port`. */
export function countBlocked(
  records: readonly EgressRecord[],
  others: readonly string[] = [],
): BlockedPair[] {
  const found = new Map<string, BlockedPair>();
  for (const { kind, verdict, host, port = tlsPort, reason, by, code } of records) {
    if (verdict !== "refused" || kind === "secret" || host === undefined) continue;
    const key = `${host}:${port}`;
    const before = found.get(key);
    const askers = [...new Set([...(before?.by ?? []), ...(by === undefined ? [] : [by])])].slice(
      0,
      maxAskers,
    );
    const isPlain = code === "plain-http";
    found.set(key, { host, port, count: (before?.count ?? 0) + 1, reason, by: askers, isPlain });
  }
  for (const pair of others) {
    const [, host, port] = /^(.+):(\d+)$/.exec(pair) ?? [];
    if (host !== undefined && !found.has(pair))
      found.set(pair, { host, port: Number(port), count: 1, reason: undefined, by: [] });
  }
  return [...found.values()].toSorted((a, b) => b.count - a.count);
}

/**
 * Undefined for what the manifest allows by now, and for what is no host at all. No name is looked up: an agent that may choose what this
 * machine asks a resolver has a way out.
 */
export function proposeHost(bottle: BottleEntry, pair: BlockedPair): Proposal | undefined {
  const parsed = parseHostName(pair.host);
  if (!parsed.ok) return undefined;
  const { host } = parsed;
  const { port } = pair;
  const answer = judgeHost(bottle, { host, port });
  if (answer.verdict === "allowed") return undefined;
  const isClosed = answer.because === "sidecar" || (answer.because === "address" && !answer.needsPrivate);
  const problem = isClosed ? answer.reason : port === sshPort ? sshProblem : undefined;
  const isPlain = port === plainPort || pair.isPlain === true;
  const list = isPlain ? "http" : answer.needsPrivate ? "private" : "allowlist";
  const opens = findReason(host) ?? "whoever runs it gets what the agent sends";
  const mayBeTcp = problem === undefined && !isPlain && port !== tlsPort;
  return { ...pair, host, opens, problem, mayBeTcp, list: problem === undefined ? list : undefined };
}
