/** Whether the rules of a host allow one request to it, by the manifest alone. */
import { decide } from "../core/http-rules/decide.ts";
import { parseHttpRule } from "../core/http-rules/http-rule.ts";
import { quote } from "../core/text.ts";
import type { RulesEntry, SourceRef } from "../manifest/manifest.ts";

export interface RequestQuestion {
  readonly method: string;
  /** Path and query */
  readonly target: string;
}

export interface RequestAnswer {
  readonly verdict: "allowed" | "blocked";
  readonly because: "rule" | "no rule";
  /** One sentence without a full stop */
  readonly reason: string;
  /** Where the rule stands; left out where there is none */
  readonly source?: SourceRef | undefined;
  /** What could be written; one sentence each */
  readonly advice: readonly string[];
}

/** Of a host that is allowed in part: what its rules say to the request, with the line that says it. */
export function judgeRequest(
  host: string,
  { lines, account }: RulesEntry,
  { method, target }: RequestQuestion,
): RequestAnswer {
  const rules = lines.flatMap((line) => {
    const parsed = parseHttpRule(line.text);
    return parsed.ok ? [parsed.rule] : [];
  });
  const decision = decide(rules, { method, target });
  if (decision.verdict === "refused")
    return {
      verdict: "blocked",
      because: "no rule",
      reason: decision.reason,
      advice: adviseOnRule(host, method, decision.path),
    };
  const rule = decision.verdict === "allowed" ? decision.rule : decision.rules[0];
  const line = lines.find(({ text }) => text === rule?.text);
  const from = line?.preset === undefined ? "" : ` of the preset ${line.preset}`;
  const depends =
    decision.verdict === "by-body" ? ", if that is what its body asks for; the sidecar reads it" : "";
  const who = account === "any" ? "" : ", without a credential of others";
  return {
    verdict: "allowed",
    because: "rule",
    reason: `the rule ${quote(rule?.text ?? "")}${from}${depends}${who}`,
    source: line?.source,
    advice: [],
  };
}

function adviseOnRule(host: string, method: string, path: string | undefined): string[] {
  if (path === undefined) return ["No rule can allow it: servers read such a path in different ways."];
  const rule = `${method} ${path}`;
  return parseHttpRule(rule).ok
    ? [`Write ${quote(rule, 300)} under "allow" of the entry for ${host} in egress.allowlist.`]
    : [];
}
