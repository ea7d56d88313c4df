/** How host names are held against lists: three lists, three slightly different rules. */
import { isIP } from "node:net";
import { Failure } from "./failure.ts";

/** The rule of the allowlist, the blocklist and trusted domains: `*.x.y` names x.y too; addresses match as text only. */
function matchesDomain(host: string, pattern: string): boolean {
  const name = withoutDot(host.toLowerCase());
  const wanted = withoutDot(pattern.toLowerCase());
  if (isIP(name) !== 0 || !wanted.startsWith("*.")) return name === wanted;
  return name === wanted.slice(2) || name.endsWith(wanted.slice(1));
}

export function isListed(host: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matchesDomain(host, pattern));
}

/** The rule of interception: `*.x.y` does not name x.y, and a final dot makes another name. */
export function isPassedThrough(host: string, patterns: readonly string[]): boolean {
  const name = host.toLowerCase();
  return patterns.some((pattern) => {
    const wanted = pattern.toLowerCase();
    return wanted === name || (wanted.startsWith("*.") && name.endsWith(wanted.slice(1)));
  });
}

/** Names only: an address is never trusted by its text. */
export function isTrusted(host: string, patterns: readonly string[]): boolean {
  return (
    isIP(host) === 0 &&
    isListed(
      host,
      patterns.map((pattern) => pattern.trim()),
    )
  );
}

/** Refuses what is not an exact name or `*.` before at least two labels. */
export function checkDomainList(entries: readonly string[], label: string, bareWildcard?: string): void {
  for (const [index, raw] of entries.entries()) {
    const where = `${label}[${index}]`;
    const name = withoutDot(raw.toLowerCase().trim());
    if (name === "") throw new Failure(`${where} is empty`);
    if (/[:/]/.test(name)) {
      throw new Failure(`${where} ${JSON.stringify(raw)}: use a hostname pattern, not a URL or host:port`);
    }
    if (name === "*" && bareWildcard) throw new Failure(`${where}: ${bareWildcard}`);
    if (name.startsWith("*.")) {
      if (name.slice(2).includes(".")) continue;
      throw new Failure(
        `${where} ${JSON.stringify(raw)}: wildcard must target a concrete domain like *.example.com`,
      );
    }
    if (/[*?[\]]/.test(name)) {
      throw new Failure(
        `${where} ${JSON.stringify(raw)}: only exact hosts and *.example.com wildcards are supported`,
      );
    }
  }
}

/**
 * What requests are counted by. The real program asks the public suffix list; the last two labels count more hosts together,
 * and so are stricter.
 */
export function registrableDomain(host: string): string {
  const name = withoutDot(host.toLowerCase());
  return isIP(name) === 0 ? name.split(".").slice(-2).join(".") : name;
}

function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
