/** A request of an agent in words for the user, who decides by them: what the host is, what it only looks like, and what a yes opens. */
import { editDistance, escapeForTerminal } from "../core/text.ts";
import { findReason } from "./exfiltration-hosts.ts";

/** Those whose look-alikes are worth making */
const knownHosts = [
  "github.com",
  "gitlab.com",
  "bitbucket.org",
  "npmjs.org",
  "npmjs.com",
  "pypi.org",
  "pythonhosted.org",
  "crates.io",
  "rubygems.org",
  "golang.org",
  "api.anthropic.com",
  "anthropic.com",
  "claude.ai",
  "google.com",
  "googleapis.com",
  "amazonaws.com",
  "debian.org",
  "docker.com",
  "ghcr.io",
  "microsoft.com",
  "cloudflare.com",
];

/** What a yes to this host would mean, one clause each. Nothing is looked up. */
export function notesOnHost(host: string): string[] {
  const notes: string[] = [];
  const international = host.split(".").filter((label) => label.startsWith("xn--"));
  if (international.length > 0)
    notes.push(
      `an international name, which a browser would show with other letters (${international.join(", ")})`,
    );
  const like = findLookAlike(host);
  if (like !== undefined) notes.push(`looks like ${like}, and is another host`);
  notes.push(`opens: ${findReason(host) ?? "whoever runs it gets what the agent sends"}`);
  return notes.map(escapeForTerminal);
}

/** A known host that this one could be taken for: a letter apart, with figures in place of letters, or the name at the front. */
function findLookAlike(host: string): string | undefined {
  if (knownHosts.some((known) => isOf(host, known))) return undefined;
  const plain = host.replaceAll("rn", "m").replaceAll("vv", "w").replaceAll("0", "o").replaceAll("1", "l");
  return knownHosts.find((known) => {
    const tail = lastLabels(host, known.split(".").length);
    return isOf(plain, known) || `.${host}`.includes(`.${known}.`) || editDistance(tail, known) === 1;
  });
}

function isOf(host: string, known: string): boolean {
  return host === known || host.endsWith(`.${known}`);
}

function lastLabels(host: string, count: number): string {
  return host.split(".").slice(-count).join(".");
}
