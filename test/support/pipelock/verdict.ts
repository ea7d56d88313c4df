/** What the URL pipeline says of a request. */

export type Verdict =
  | { readonly isAllowed: true }
  | {
      readonly isAllowed: false;
      /** Which scanner refused, as it is logged */
      readonly scanner: string;
      readonly reason: string;
      /** Shown to the client only with explain_blocks */
      readonly hint: string;
    };

export const allowed: Verdict = { isAllowed: true };

const hints: Readonly<Record<string, string>> = {
  allowlist: "Domain not on the allowlist. In strict mode, only allowlisted domains are reachable.",
  blocklist: "Domain is on the blocklist. Remove from fetch_proxy.monitoring.blocklist if legitimate.",
  context: "The request context was nil or cancelled before the scan completed.",
  core_dlp: "Core DLP pattern matched. This is a critical credential detection that cannot be disabled.",
  crlf_injection: "CRLF injection sequence detected in URL. This is never legitimate in normal traffic.",
  dlp: "A DLP pattern matched this URL. If false positive, add a suppress entry for this rule.",
  entropy: "High-entropy content detected. Review the URL for data exfiltration attempts.",
  length: "URL exceeds maximum length. Check for data stuffing in query parameters.",
  parser: "The URL could not be parsed.",
  path_traversal: "Path traversal sequence detected. Review the URL for directory escape attempts.",
  ratelimit: "Rate limit exceeded. Retry later or adjust fetch_proxy.monitoring.max_requests_per_minute.",
  scheme: "Only http and https schemes are allowed.",
  ssrf: "SSRF protection blocked this URL. It may resolve to a private IP or DNS resolution failed.",
  subdomain_entropy: "High-entropy content detected in subdomain. Review for data exfiltration via DNS.",
};

export function block(scanner: string, reason: string, hint = hints[scanner] ?? ""): Verdict {
  return { isAllowed: false, scanner, reason, hint };
}

/** 429 for the rate limit, 403 for everything else. */
export function statusOf(scanner: string): number {
  return scanner === "ratelimit" ? 429 : 403;
}
