/**
 * Checks between fields and between entries, which a schema of single values cannot make. They work on unchecked values and skip
 * what does not have the right shape, so that their problems are reported together with the schema's.
 */
import { apiHost } from "../core/claude-api.ts";
import { matchesHostPattern, parseHostName, parseHostPattern } from "../core/host-name.ts";
import { escapeForTerminal, quote, suggest } from "../core/text.ts";
import { withBase } from "./base-checks.ts";
import { findBindingProblems } from "./binding-checks.ts";
import { findBoundsProblems } from "./bounds-schema.ts";
import { asList, asObject } from "./fields.ts";
import type { Fields } from "./fields.ts";
import { findFilesProblems } from "./files-schema.ts";
import { parseHostKey } from "./host-key.ts";
import { findNameProblem } from "./known-hosts-names.ts";
import { findRulesProblems } from "./rules-checks.ts";
import { findServiceProblems } from "./services-checks.ts";
import { renderPath } from "./source-tree.ts";
import type { Path, Problem, SourceTree } from "./source-tree.ts";

/** Problems within each bottle of a file, together with what it stands on. */
export function findBottleProblems(source: SourceTree, bases: Fields): Problem[] {
  return Object.entries(asObject(asObject(source.value)["bottles"])).flatMap(([name, value]) => {
    const bottle = withBase(asObject(value), bases);
    const path = ["bottles", name];
    const ssh = asList(bottle["ssh"]).map(asObject);
    const inspect = asList(asObject(bottle["egress"])["inspect"]);
    const keys = ssh.flatMap((entry, index) => findKeyProblem(source, entry, [...path, "ssh", index]));
    const aliases = findAliasProblems(source, ssh, [...path, "ssh"]);
    const opened = inspect.flatMap((host, index) =>
      findInspectProblem(source, host, ssh, [...path, "egress", "inspect", index]),
    );
    return keys.concat(
      aliases,
      opened,
      findRulesProblems(source, asObject(bottle["egress"]), [...path, "egress", "allowlist"]),
      findBindingProblems(source, bottle, path),
      findServiceProblems(source, bottle, path),
      findBoundsProblems(source, bottle, path),
      findFilesProblems(source, bottle, path),
    );
  });
}

/** Names of the bottles that a file defines, well or badly. */
export function listBottleNames(source: SourceTree): string[] {
  return Object.keys(asObject(asObject(source.value)["bottles"]));
}

/** Agents whose bottle is in no file. */
export function findReferenceProblems(source: SourceTree, bottles: ReadonlySet<string>): Problem[] {
  return Object.entries(asObject(asObject(source.value)["agents"])).flatMap(([name, agent]) => {
    const bottle = asObject(agent)["bottle"];
    if (typeof bottle !== "string" || bottles.has(bottle)) return [];
    const nearest = suggest(bottle, bottles);
    const defined = [...bottles].map((one) => escapeForTerminal(one)).join(", ");
    const known = bottles.size === 0 ? "no bottle is defined" : `defined: ${defined}`;
    const advice = nearest ? `did you mean ${quote(nearest)}?` : known;
    const message = `names the bottle ${quote(bottle, 64)}, which is not defined; ${advice}`;
    return [makeProblem(source, ["agents", name, "bottle"], message)];
  });
}

/** A line of known_hosts names its host, and it must be the entry's. */
function findKeyProblem(source: SourceTree, entry: Fields, path: Path): Problem[] {
  const [key, hostname] = [entry["KnownHostKey"], entry["Hostname"]];
  if (typeof key !== "string" || typeof hostname !== "string") return [];
  const pinned = parseHostKey(key);
  const host = parseHostName(hostname);
  if (!pinned.ok || !host.ok || pinned.names === undefined) return [];
  const message = findNameProblem(pinned.names, host.host, readPort(entry["Port"]));
  return message === undefined ? [] : [makeProblem(source, [...path, "KnownHostKey"], message)];
}

/** Undefined for what is not a port. */
function readPort(value: unknown = 22): number | undefined {
  const port = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof port === "number" ? port : undefined;
}

function findAliasProblems(source: SourceTree, ssh: readonly Fields[], path: Path): Problem[] {
  const seen = new Set<unknown>();
  return ssh.flatMap((entry, index) => {
    const alias = entry["Host"];
    const at = [...path, index, "Host"];
    if (typeof alias !== "string") return [];
    if (seen.has(alias)) return [makeProblem(source, at, `${quote(alias)} is listed twice`)];
    seen.add(alias);
    // ssh would take the settings of whichever comes first
    const isOther = ssh.some((other) => other !== entry && other["Hostname"] === alias);
    return isOther && entry["Hostname"] !== alias
      ? [makeProblem(source, at, `${quote(alias)} is the Hostname of another entry; choose another alias`)]
      : [];
  });
}

/** The filter opens every connection to an inspected host, whatever its port; the gate those on port 443. */
function findInspectProblem(
  source: SourceTree,
  value: unknown,
  ssh: readonly Fields[],
  path: Path,
): Problem[] {
  const host = typeof value === "string" ? value : asObject(value)["host"];
  const isByFilter = asObject(value)["by"] === "pipelock";
  const pattern = typeof host === "string" ? parseHostPattern(host) : undefined;
  if (!pattern?.ok) return [];
  if (matchesHostPattern(apiHost, pattern.host)) {
    const message = `covers ${quote(apiHost)}, which takes Claude's own credential, and only the gate talks to it`;
    return [makeProblem(source, path, message)];
  }
  const entry = ssh.find(({ Hostname, Port }) => {
    const name = typeof Hostname === "string" ? parseHostName(Hostname) : undefined;
    return name?.ok && matchesHostPattern(name.host, pattern.host) && (isByFilter || readPort(Port) === 443);
  });
  if (!entry) return [];
  const message = `covers the ssh host ${quote(String(entry["Hostname"]))}, and SSH cannot be opened`;
  return [makeProblem(source, path, message)];
}

function makeProblem(source: SourceTree, path: Path, message: string): Problem {
  return { offset: source.offsetOf(path), path: renderPath(path), message };
}
