/** What of a host is allowed, in words. */
import { rulePresets } from "../core/http-rules/presets.ts";
import type { RulePresetName } from "../core/http-rules/presets.ts";
import type { AccountRule } from "../core/http-rules/host-rules.ts";
import { at } from "./at-source.ts";
import type { Destination } from "./egress-plan.ts";

const accounts: Readonly<Record<AccountRule, string>> = {
  own: "without a credential, or with this bottle's",
  required: "with this bottle's credential only",
  any: "with any credential, also a stranger's",
};

/** What the gate sees that it would not see without rules; no line if there are none. */
export function describeRuledHosts(destinations: readonly Destination[]): string[] {
  const hosts = destinations.filter((one) => one.rules).map((one) => one.host);
  if (hosts.length === 0) return [];
  return [`gate opens TLS on ${hosts.join(", ")} to decide on each request`];
}

/** Rows below a destination: each rule or preset with its place, and whose account it is for. No rows for a host that is allowed whole. */
export function describeRules({ rules }: Pick<Destination, "rules">): string[][] {
  if (!rules) return [];
  const own = rules.lines.filter((one) => one.preset === undefined);
  const presets = rules.lines.filter(
    (one, index, all) =>
      one.preset !== undefined && all.findIndex((other) => other.preset === one.preset) === index,
  );
  return [
    ...own.map(({ text, source }) => ["", text, at(source)]),
    ...presets.map(({ preset = "", source }) => [
      "",
      `preset ${preset}: ${rulePresets[preset as RulePresetName].means}`,
      at(source),
    ]),
    ["", accounts[rules.account]],
  ];
}
