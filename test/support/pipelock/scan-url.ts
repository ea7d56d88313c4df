/** The URL pipeline, in the real program's order: a host that is not listed is refused before anybody asks DNS for it. */
import { isIP } from "node:net";
import { readHiddenIpv4 } from "./addresses.ts";
import { isListed, isTrusted } from "./domains.ts";
import { findRandomLabel, findRandomPart } from "./entropy.ts";
import { resolve } from "./names.ts";
import type { Policy } from "./policy.ts";
import { allowed, block } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** Judges a URL; `isGone` tells whether the client has left meanwhile, which blocks. */
export async function scanUrl(policy: Policy, raw: string, isGone: () => boolean): Promise<Verdict> {
  if (isGone()) return block("context", "request context unavailable");
  const { config } = policy;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(raw)?.[1]?.toLowerCase();
  if (scheme !== "http" && scheme !== "https") {
    return block("scheme", `scheme ${JSON.stringify(scheme ?? "")} not allowed: only http and https`);
  }
  const url = parse(raw);
  if (!url) return block("parser", "invalid URL");
  const host = hostOf(url);
  const beforeNames = scanText(policy, url, host, raw);
  if (!beforeNames.isAllowed) return beforeNames;
  const addresses = await checkAddresses(policy, host);
  if (isGone()) return block("context", "request context cancelled");
  if (!addresses.isAllowed) return addresses;
  if (!policy.rateLimit.admit(host, config.requestsPerMinute)) {
    return block("ratelimit", `rate limit exceeded for ${host}`);
  }
  if (raw.length > config.maxUrlLength) {
    return block("length", `URL length ${raw.length} exceeds maximum ${config.maxUrlLength}`);
  }
  return allowed;
}

/** Lower case, without the brackets of IPv6, with hidden addresses in plain form. */
export function hostOf(url: URL): string {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return readHiddenIpv4(host) ?? host;
}

function scanText({ config, secrets }: Policy, url: URL, host: string, raw: string): Verdict {
  const sent = raw.split("#")[0] ?? "";
  if (/%(?:25)?0[ad]|[\r\n]/i.test(sent)) return block("crlf_injection", "encoded CR or LF in URL");
  const path = sent.replace(/^[a-z]+:\/\/[^/?]*/i, "").split("?")[0] ?? "";
  if (/(?:\/|\\|%2f|%5c)(?:\.|%(?:25)?2e){2}(?:$|\/|\\|%(?:25)?2f|%5c)/i.test(path)) {
    return block("path_traversal", "path traversal sequence in URL");
  }
  if (config.mode === "strict" && !isListed(host, config.allowlist)) {
    return block("allowlist", `domain not in allowlist: ${host}`);
  }
  const blocking = config.blocklist.find((pattern) => isListed(host, [pattern]));
  if (blocking !== undefined) return block("blocklist", `domain blocked: ${host} matches ${blocking}`);
  const secret = secrets.inUrl(url, raw);
  if (secret) {
    const reason = `DLP match: ${secret.name} (critical)`;
    return secret.isCore ? block("core_dlp", `core ${reason}`) : block("dlp", reason);
  }
  const part = findRandomPart(url, config);
  if (part !== undefined) return block("entropy", part);
  const label = findRandomLabel(host, config);
  return label === undefined ? allowed : block("subdomain_entropy", label);
}

async function checkAddresses({ config, addresses }: Policy, host: string): Promise<Verdict> {
  let found: string[];
  try {
    found = await resolve(host);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return block("ssrf", `SSRF check failed: DNS resolution error for ${host}: ${reason}`);
  }
  if (isTrusted(host, config.trustedDomains)) return allowed;
  const internal = found.find((one) => addresses.isInternal(one) && !addresses.isAllowlisted(one));
  if (internal === undefined) return allowed;
  const hint = isListed(host, config.allowlist)
    ? isIP(host) === 0
      ? `add ${JSON.stringify(host)} to trusted_domains to allow internal IP resolution`
      : `add ${JSON.stringify(internal)} to ssrf.ip_allowlist to allow this internal IP`
    : undefined;
  return block("ssrf", `SSRF blocked: ${host} resolves to internal IP ${internal}`, hint);
}

function parse(raw: string): URL | undefined {
  // Percent signs in a host are not decoded by Go
  if (/^[a-z]+:\/\/[^/?#]*%/i.test(raw)) return undefined;
  try {
    return new URL(raw);
  } catch {
    return undefined;
  }
}
