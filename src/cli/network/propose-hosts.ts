/** From what a session was blocked to what could be taken into its manifest. The hosts are the agent's choice; the user decides on each. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { parseHostName } from "../../core/host-name.ts";
import type { BottleEntry } from "../../manifest/manifest.ts";
import { findReason } from "../../plan/exfiltration-hosts.ts";
import { adviseOnPort, judgeHost, tlsPort } from "../../plan/judge-host.ts";
import type { SaveList } from "../manifest/save-host.ts";

const plainPort = 80;
/** An agent may call itself anything, anew each time */
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
}

export interface Proposal extends BlockedPair {
  /** Where it would stand under `egress`; undefined if no rule helps, which `problem` explains */
  readonly list: SaveList | undefined;
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
  for (const { kind, verdict, host, port = tlsPort, reason, by } of records) {
    if (verdict !== "refused" || kind === "secret" || host === undefined) continue;
    const key = `${host}:${port}`;
    const before = found.get(key);
    const askers = [...new Set([...(before?.by ?? []), ...(by === undefined ? [] : [by])])].slice(
      0,
      maxAskers,
    );
    found.set(key, { host, port, count: (before?.count ?? 0) + 1, reason, by: askers });
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
  const problem = isClosed ? answer.reason : listProblem(host, port);
  const list = port === plainPort ? "http" : answer.needsPrivate ? "private" : "allowlist";
  const opens = findReason(host) ?? "whoever runs it gets what the agent sends";
  return { ...pair, host, opens, problem, list: problem === undefined ? list : undefined };
}

function listProblem(host: string, port: number): string | undefined {
  return port === tlsPort || port === plainPort ? undefined : adviseOnPort(host, port).join(" ");
}
