/**
 * Whether the hosts that a secret is bound to are ones where the gate can put it in: granted over TLS on port 443 by the same bottle,
 * and not opened by pipelock.
 */
import { apiHost } from "../core/claude-api.ts";
import { parseRepo } from "../core/git-rules.ts";
import { matchesHostPattern, parseHostName, parseHostPattern } from "../core/host-name.ts";
import { quote } from "../core/text.ts";
import { asList, asObject } from "./fields.ts";
import type { Fields } from "./fields.ts";
import { renderPath } from "./source-tree.ts";
import type { Path, Problem, SourceTree } from "./source-tree.ts";

const tlsPort = 443;

/** Works on unchecked values, like all checks between fields, and skips what does not have the right shape. */
export function findBindingProblems(source: SourceTree, bottle: Fields, path: Path): Problem[] {
  return Object.entries(asObject(bottle["env"])).flatMap(([name, entry]) => {
    const seen = new Set<string>();
    return asList(asObject(entry)["hosts"]).flatMap((value, index) => {
      const parsed = typeof value === "string" ? parseHostName(value) : undefined;
      if (!parsed?.ok) return [];
      const message = seen.has(parsed.host)
        ? `${quote(parsed.host)} is listed twice`
        : describeProblem(parsed.host, bottle);
      seen.add(parsed.host);
      if (message === undefined) return [];
      const at = [...path, "env", name, "hosts", index];
      return [{ offset: source.offsetOf(at), path: renderPath(at), message }];
    });
  });
}

function describeProblem(host: string, bottle: Fields): string | undefined {
  const shown = quote(host);
  if (host === apiHost)
    return `${shown} takes Claude's own credential and no other; it cannot have a secret of the manifest`;
  const egress = asObject(bottle["egress"]);
  const isUnder = (list: string) => asList(egress[list]).some((value) => covers(value, host));
  const byPipelock = asList(egress["inspect"]).filter((value) => asObject(value)["by"] === "pipelock");
  if (byPipelock.some((value) => covers(value, host)))
    return `${shown} is opened by pipelock, and the gate has to open it to fill in the secret; remove "by": "pipelock", and the gate does both`;
  const ports = asList(bottle["ssh"])
    .map(asObject)
    .filter((entry) => covers(entry["Hostname"], host));
  if (ports.some((entry) => Number(entry["Port"]) === tlsPort))
    return `${shown} is allowed for SSH on port ${tlsPort}, where a secret would need TLS`;
  if (["allowlist", "private", "inspect"].some(isUnder) || isForGit(bottle, host)) return undefined;
  const granted = ports.length > 0 ? "for SSH only" : isUnder("http") ? "for plain http only" : undefined;
  return granted === undefined
    ? `${shown} is not allowed by this bottle; add it to egress.allowlist`
    : `${shown} is allowed ${granted}; a secret needs TLS: add it to egress.allowlist or egress.private`;
}

function isForGit(bottle: Fields, host: string): boolean {
  return asList(bottle["git"]).some((entry) => {
    const { repo } = asObject(entry);
    const parsed = typeof repo === "string" ? parseRepo(repo) : undefined;
    return parsed?.ok === true && parsed.host === host;
  });
}

function covers(value: unknown, host: string): boolean {
  const text = typeof value === "string" ? value : asObject(value)["host"];
  const pattern = typeof text === "string" ? parseHostPattern(text) : undefined;
  return pattern?.ok === true && matchesHostPattern(host, pattern.host);
}
