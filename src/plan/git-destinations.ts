/** Hosts that are reached for git alone, by the rules of a bottle's `git`; and the rules that another grant makes useless. */
import { matchesHostPattern } from "../core/host-name.ts";
import { shortRef } from "../core/git-rules.ts";
import type { BottleEntry, GitEntry, HostGrant, SourceRef } from "../manifest/manifest.ts";
import { builtInHosts } from "./built-in-hosts.ts";
import type { Destination, EgressPlan, GitPlan, VoidGit } from "./egress-plan.ts";
import { onlyReads } from "./exfiltration-hosts.ts";

const tlsPort = 443;

/** One for each host, unless something else allows all of it. */
export function makeGitDestinations(bottle: BottleEntry): Destination[] {
  const byHost = new Map<string, GitEntry[]>();
  for (const entry of bottle.git ?? [])
    if (!findWhole(bottle, entry.host)) byHost.set(entry.host, [...(byHost.get(entry.host) ?? []), entry]);
  return [...byHost].map(([host, entries]) => ({
    host,
    port: tlsPort,
    protocol: "tls",
    isPrivate: entries.some((one) => one.isPrivate),
    isInspected: false,
    git: entries.map(toPlan),
    origin: { kind: "manifest", source: (entries[0] as GitEntry).source },
  }));
}

function toPlan({ repo, push, force, allow, source }: GitEntry): GitPlan {
  return { repo, push, force, allow, source };
}

/** The grant that allows the whole host over TLS, a pattern included. */
function findWhole({ egress, auth, ssh }: BottleEntry, host: string): HostGrant | "built-in" | undefined {
  if (builtInHosts(auth).some((one) => one.host === host)) return "built-in";
  const { allowlist, private: ofLan, inspect, http, tcp = [] } = egress;
  const other = [
    ...http,
    ...ssh.map(({ hostname, port, source }) => ({ host: hostname, port, source })),
  ].filter((one) => one.port === tlsPort);
  const named = allowlist.filter((one) => one.host === host && (one.port ?? tlsPort) === tlsPort);
  // Rules for its other requests stand beside those of git, whatever else lists the host
  const isRuled = named.length > 0 && named.every((one) => one.rules);
  const whole = isRuled ? [] : [...allowlist.filter((one) => !one.rules), ...ofLan, ...inspect];
  return [...whole, ...tcp, ...other].find(
    (one) => (one.port ?? tlsPort) === tlsPort && matchesHostPattern(host, one.host),
  );
}

/** Rules that count for nothing. */
export function findVoidGit(bottle: BottleEntry): VoidGit[] {
  return (bottle.git ?? []).flatMap(({ host, repo, source }) => {
    const by = findWhole(bottle, host);
    return by === undefined || by === "built-in" ? [] : [{ host, repo, source, by }];
  });
}

/** In words, for `check` and the plan. */
export function describeVoidGit({ host, repo, source, by }: VoidGit): {
  readonly source: SourceRef;
  readonly problem: string;
} {
  const where = `${by.source.file}:${by.source.line}`;
  return {
    source,
    problem: `the rule for ${host}/${repo} (git) is void: ${by.host} (${where}) allows the whole host`,
  };
}

/** Of a plan: rules that count for nothing, and ways past those that do. */
export function warnOfGit({ voidGit = [], destinations }: EgressPlan): string[] {
  const past = destinations.filter((one) => one.git).flatMap(({ host }) => findWaysPast(host, destinations));
  return [...voidGit.map((one) => describeVoidGit(one).problem), ...past];
}

/** Hosts of GitHub's at which the repositories of github.com can be written to */
const besideGithub = ["api.github.com", "uploads.github.com", "ssh.github.com"];

function findWaysPast(host: string, destinations: readonly Destination[]): string[] {
  return destinations.flatMap((one) => {
    if (onlyReads(one.rules)) return [];
    const isSame = one.host === host && one.git === undefined;
    const beside =
      host === "github.com" ? besideGithub.find((name) => matchesHostPattern(name, one.host)) : undefined;
    if (isSame)
      return [
        `the rules for ${host} (git) are for HTTPS: ${one.protocol === "ssh" ? "SSH" : `port ${one.port}`} of it goes past them`,
      ];
    return beside === undefined
      ? []
      : [`${one.host} goes past the rules for ${host} (git): repositories can be written to there too`];
  });
}

/** `acme/shop: read; push to agent/* (force); lets github-token through` */
export function describeGit({ repo, push, force, allow }: GitPlan): string {
  const write =
    push.length === 0
      ? "read"
      : `read, push to ${push.map(shortRef).join(", ")}${force ? " (with force)" : ""}`;
  return `${repo}: ${write}${allow.length > 0 ? `; lets ${allow.join(", ")} through` : ""}`;
}

/** What of it is approved, after the host's own line; empty for a host without. */
export function gitPolicy({ git = [] }: Destination): string {
  const rules = git.map(({ repo, push, force, allow }) =>
    JSON.stringify([repo, push.toSorted(), force, allow.toSorted()]),
  );
  return rules.length === 0 ? "" : ` git ${rules.toSorted().join(" ")}`;
}
