/** From the requests that a host's rules refused to rules that would allow them. The requests are the agent's choice; the user decides. */
import type { EgressRecord } from "../../protocol/egress-record.ts";
import { decide } from "../../core/http-rules/decide.ts";
import { parseHttpRule } from "../../core/http-rules/http-rule.ts";
import { parseHostName } from "../../core/host-name.ts";
import { countOf } from "../../core/text.ts";
import type { BottleEntry } from "../../manifest/manifest.ts";
import { judgeHost } from "../../plan/judge-host.ts";
import type { Prompts } from "../../host/prompts.ts";
import type { World } from "../../host/world.ts";
import { saveRule } from "../manifest/save-rule.ts";

export interface RuleProposal {
  readonly host: string;
  /** In the grammar of a manifest */
  readonly rule: string;
  /** Requests that it would have allowed */
  readonly count: number;
}

interface Refused {
  readonly method: string;
  readonly segments: readonly string[];
  readonly count: number;
}

/** So many paths that differ in one segment are one pattern */
const leastAlike = 4;
/** As long as the gate shows a request; a longer one was cut */
const longestShown = 300;

/** The narrowest rules for what was refused, those for the most requests first. */
export function proposeRules(bottle: BottleEntry, records: readonly EgressRecord[]): RuleProposal[] {
  const byHost = Map.groupBy(
    records.filter((one) => one.code === "rule" && one.request !== undefined),
    ({ host = "" }) => host,
  );
  return [...byHost]
    .filter(([host]) => parseHostName(host).ok)
    .flatMap(([host, refused]) =>
      group(countRequests(refused.map((one) => one.request ?? "")))
        .filter(({ method, segments }) => isRefusedNow(bottle, host, method, segments))
        .map(({ method, segments, count }) => ({ host, rule: `${method} /${segments.join("/")}`, count })),
    )
    .filter(({ rule }) => parseHttpRule(rule).ok)
    .toSorted((a, b) => b.count - a.count);
}

function countRequests(requests: readonly string[]): Refused[] {
  const found = new Map<string, Refused>();
  for (const request of requests) {
    const [method = "", path = ""] = request.split(" ");
    // A star that the agent wrote would become a pattern
    if (path.includes("*") || request.length >= longestShown) continue;
    const decision = decide([], { method, target: path });
    if (decision.verdict !== "refused" || decision.path === undefined) continue;
    const key = `${method} ${decision.path}`;
    const segments = decision.path.slice(1).split("/");
    found.set(key, { method, segments, count: (found.get(key)?.count ?? 0) + 1 });
  }
  return [...found.values()];
}

/** Paths of one method and length that differ in one place only become one, from the last place on. */
function group(all: readonly Refused[]): Refused[] {
  const deepest = Math.max(0, ...all.map((one) => one.segments.length));
  let left = [...all];
  for (let at = deepest - 1; at > 0; at -= 1) {
    const alike = Map.groupBy(left, ({ method, segments }) =>
      JSON.stringify([method, segments.length > at, segments.map((one, index) => (index === at ? "" : one))]),
    );
    left = [...alike.values()].flatMap((several) =>
      several.length < leastAlike ? several : [join(several, at)],
    );
  }
  return left;
}

function join(several: readonly Refused[], at: number): Refused {
  const [first] = several as readonly [Refused];
  return {
    method: first.method,
    segments: first.segments.map((one, index) => (index === at ? "*" : one)),
    count: several.reduce((sum, one) => sum + one.count, 0),
  };
}

/** What the manifest allows by now needs no rule, nor what it does not name at all. */
function isRefusedNow(
  bottle: BottleEntry,
  host: string,
  method: string,
  segments: readonly string[],
): boolean {
  const named = judgeHost(bottle, { host, port: 443 });
  const target = `/${segments.join("/")}`;
  const answer = judgeHost(bottle, { host, port: 443, request: { method, target } });
  return named.verdict === "allowed" && answer.verdict === "blocked";
}

/** Each yes is saved at once. */
export async function askEachRule(
  world: World,
  all: readonly (RuleProposal & { readonly bottle: string })[],
  prompts: Prompts,
): Promise<void> {
  for (const { bottle, host, rule, count } of all) {
    prompts.say(`\n${host}  ${rule}  blocked ${countOf(count, "time")}`);
    if (!prompts.confirm(`Allow it for the bottle ${bottle}, as a rule of ${host}?`)) continue;
    prompts.say(await saveRule(world, bottle, { host, rule }));
  }
}
