/** Rules that decide nothing: another one allows as much, or the host is reached in a way that no rule is asked on. */
import type { HttpRule } from "../core/http-rules/http-rule.ts";
import { parseHttpRule } from "../core/http-rules/http-rule.ts";
import { coversPath } from "../core/http-rules/match-path.ts";
import { matchesHostPattern } from "../core/host-name.ts";
import type { BottleEntry, RuledGrant, RuleLine, SourceRef } from "../manifest/manifest.ts";
import { builtInHosts } from "./built-in-hosts.ts";
import { makeDestinations } from "./destinations.ts";
import type { Unworkable } from "./unworkable.ts";

const tlsPort = 443;

/** One sentence for each, with its place in the manifest. */
export function findUselessRules(bottle: BottleEntry): Unworkable[] {
  const ruled = bottle.egress.allowlist.filter((one) => one.rules);
  const lines = makeDestinations(bottle).flatMap(({ rules }) => (rules ? findCovered(rules.lines) : []));
  return [...ruled.flatMap((one) => findVoid(bottle, one)), ...lines];
}

/** A host whose rules are not asked, or not on every way to it. */
function findVoid(bottle: BottleEntry, { host, source }: RuledGrant): Unworkable[] {
  const { allowlist, http, tcp = [] } = bottle.egress;
  const whole = allowlist.find((one) => !one.rules && one.host === host && (one.port ?? tlsPort) === tlsPort);
  const open = tcp.find((one) => one.port === tlsPort && matchesHostPattern(one.host, host));
  const plain = http.find(
    (one) => matchesHostPattern(one.host.replace(/^\*\./, ""), host) || matchesHostPattern(host, one.host),
  );
  const builtIn = builtInHosts(bottle.auth).find((one) => one.host === host);
  const make = (problem: string): Unworkable => ({ source, problem });
  return [
    ...(whole ? [make(`the rules of ${host} never count: ${place(whole.source)} allows all of it`)] : []),
    ...(open
      ? [make(`the rules of ${open.host} never count: ${place(open.source)} allows it by egress.tcp`)]
      : []),
    ...(builtIn ? [make(`the rules of ${host} never count: every bottle needs it (${builtIn.reason})`)] : []),
    ...(plain
      ? [make(`the rules of ${host} are not asked on plain http, which ${place(plain.source)} allows`)]
      : []),
  ];
}

/** Lines of the user's that another line makes useless; of two equal ones the second. */
function findCovered(lines: readonly RuleLine[]): Unworkable[] {
  const rules = lines.flatMap((line) => {
    const parsed = parseHttpRule(line.text);
    return parsed.ok ? [{ line, rule: parsed.rule }] : [];
  });
  return rules.flatMap(({ line, rule }, index) => {
    if (line.preset !== undefined) return [];
    const by = rules.find(
      (other, at) => at !== index && covers(other.rule, rule) && (at < index || !covers(rule, other.rule)),
    );
    if (!by) return [];
    const name = by.line.preset === undefined ? `"${by.line.text}"` : `the preset ${by.line.preset}`;
    return [
      {
        source: line.source,
        problem: `"${line.text}" is of no use: ${name} (${place(by.line.source)}) allows it`,
      },
    ];
  });
}

/** True if `wide` allows every request that `narrow` does; false where that is not clear. */
function covers(wide: HttpRule, narrow: HttpRule): boolean {
  const takesMethods =
    wide.methods === undefined ||
    (narrow.methods?.every((method) => wide.methods?.includes(method)) ?? false);
  const takesQuery =
    (!wide.forbidsQuery || narrow.forbidsQuery || narrow.graphql !== undefined) &&
    wide.query.every((wish) =>
      narrow.query.some((one) => one.name === wish.name && one.value === wish.value),
    );
  return takesMethods && takesQuery && takesBody(wide, narrow) && coversPath(wide.path, narrow.path);
}

function takesBody({ graphql: wide }: HttpRule, { graphql: narrow }: HttpRule): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined || narrow.operation !== wide.operation) return false;
  return (
    wide.fields === undefined || (narrow.fields?.every((field) => wide.fields?.includes(field)) ?? false)
  );
}

function place({ file, line, column }: SourceRef): string {
  return `${file}:${line}:${column}`;
}
