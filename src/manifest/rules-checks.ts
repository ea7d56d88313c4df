/** Whether the gate can decide on the requests to a host that has rules: nobody else may open its TLS, and it is not Claude's own. */
import { apiHost } from "../core/claude-api.ts";
import { matchesHostPattern, parseHostPattern } from "../core/host-name.ts";
import { parseHostPort } from "../core/host-port.ts";
import { quote } from "../core/text.ts";
import { asList, asObject } from "./fields.ts";
import type { Fields } from "./fields.ts";
import { renderPath } from "./source-tree.ts";
import type { Path, Problem, SourceTree } from "./source-tree.ts";

/** Works on unchecked values, like all checks between fields, and skips what does not have the right shape. */
export function findRulesProblems(source: SourceTree, egress: Fields, path: Path): Problem[] {
  return asList(egress["allowlist"]).flatMap((value, index) => {
    const { host } = asObject(value);
    const parsed = typeof host === "string" ? parseHostPort(host) : undefined;
    const message = parsed?.ok ? describeProblem(parsed.host, egress) : undefined;
    if (message === undefined) return [];
    const at = [...path, index];
    return [{ offset: source.offsetOf(at), path: renderPath(at), message }];
  });
}

function describeProblem(host: string, egress: Fields): string | undefined {
  if (matchesHostPattern(apiHost, host))
    return `has rules for ${quote(apiHost)}, which takes Claude's own credential, and only the gate talks to it`;
  const byPipelock = asList(egress["inspect"])
    .map(asObject)
    .some(({ host: other, by }) => by === "pipelock" && concerns(other, host));
  return byPipelock
    ? `has rules for ${quote(host)}, which pipelock opens, and the gate has to open it to decide; remove "by": "pipelock", and the gate does both`
    : undefined;
}

function concerns(value: unknown, host: string): boolean {
  const other = typeof value === "string" ? parseHostPattern(value) : undefined;
  if (!other?.ok) return false;
  const bare = (name: string) => name.replace(/^\*\./, "");
  return matchesHostPattern(bare(host), other.host) || matchesHostPattern(bare(other.host), host);
}
