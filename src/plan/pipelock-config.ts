/**
 * pipelock's configuration for one bottle, for the release that will run it, since each refuses unknown keys. Written as JSON, which is
 * YAML too, so that no name can ever be read as syntax.
 */
import { isIpv4 } from "../core/host-name.ts";
import { ownNetwork } from "../core/own-network.ts";
import { sidecarHosts } from "./built-in-hosts.ts";
import { isInspectedBy } from "./destinations.ts";
import { forRelease } from "./filter-releases.ts";
import type { BottlePlan } from "./plan.ts";

/** Where pipelock listens: the loopback it shares with the gate, out of the agent's reach */
const listen = "127.0.0.1:8889";
/** The shared folder in memory where the gate leaves the CA for inspected hosts */
export const authorityFolder = "/run/pipelock-ca";

/** A day: both limits are hard, and the shorter defaults cut long answers, clones and idle SSH sessions */
const tunnelSeconds = 86_400;
/** 0 would mean 60 a minute */
const requestsPerMinute = 100_000;
/** The default of 5 MiB breaks real work; the whole answer is held and scanned, so more would cost the sidecar its memory */
const inspectedAnswerBytes = 16 * 1024 * 1024;

/** Longer than any event that is sent; one that is longer is dropped without a word */
const eventBytes = 16 * 1024 * 1024;

/** What is looked through, and what is not touched; the same for every bottle */
const scanning = {
  // The default only warns and forwards
  request_body_scanning: { enabled: true, action: "block" },
  response_scanning: {
    enabled: true,
    action: "warn",
    // By default an event stream is cut at a finding or at a long event, after a clean 200; a warning alone drops long events
    sse_streaming: { enabled: true, action: "warn", max_event_bytes: eventBytes },
  },
  // By default most images, audio and video are refused, and what passes is changed
  media_policy: { enabled: false },
  websocket_proxy: { enabled: false },
  dlp: { include_defaults: true, scan_env: false },
} as const;

/** Renders the configuration. Equal plans give equal bytes, and pipelock reports their hash when it starts. */
export function renderPipelockConfig(plan: BottlePlan, version: string): string {
  const destinations = plan.egress.destinations;
  const hosts = unique([
    ...destinations.map((one) => one.host),
    ...sidecarHosts(plan.auth).map((one) => one.host),
  ]);
  const privateHosts = unique(destinations.filter((one) => one.isPrivate).map((one) => one.host));
  const ranges = [
    ...privateHosts.filter(isIpv4).map((address) => `${address}/32`),
    // What pipelock dials is the gate then, which goes on to the proxy
    ...(plan.egress.proxy ? [ownNetwork.range] : []),
  ];
  const config = {
    version: 1,
    // Only strict enforces the allowlist; every other mode lets all hosts through
    mode: "strict",
    enforce: true,
    explain_blocks: true,
    api_allowlist: hosts,
    fetch_proxy: {
      listen,
      max_response_mb: 10,
      monitoring: {
        max_requests_per_minute: requestsPerMinute,
        max_url_length: 8192,
        entropy_threshold: 4.5,
        subdomain_entropy_threshold: 4.0,
      },
    },
    forward_proxy: {
      enabled: true,
      max_tunnel_seconds: tunnelSeconds,
      idle_timeout_seconds: tunnelSeconds,
      sni_verification: true,
    },
    ...scanning,
    trusted_domains: privateHosts.filter((host) => !isIpv4(host)),
    ...(ranges.length > 0 ? { ssrf: { ip_allowlist: ranges } } : {}),
    ...makeInterception(plan, hosts),
    // Keeps /metrics and /stats, which name blocked hosts, off the proxy's port
    metrics_listen: "127.0.0.1:9091",
    sentry: { enabled: false },
    logging: { format: "json", output: "stdout", include_allowed: true, include_blocked: true },
  };
  return `${JSON.stringify(forRelease(config, version), null, 2)}\n`;
}

/** Everything but the inspected hosts passes unopened. `*.x` does not cover x itself here, unlike in the allowlist. */
function makeInterception(plan: BottlePlan, hosts: readonly string[]): Record<string, unknown> {
  const inspected = new Set(
    plan.egress.destinations.filter((one) => isInspectedBy(one, "pipelock")).map((one) => one.host),
  );
  if (inspected.size === 0) return {};
  const passed = hosts
    .filter((host) => !inspected.has(host))
    .flatMap((host) => (host.startsWith("*.") ? [host, host.slice(2)] : [host]));
  return {
    tls_interception: {
      enabled: true,
      ca_cert: `${authorityFolder}/ca.pem`,
      ca_key: `${authorityFolder}/ca-key.pem`,
      passthrough_domains: unique(passed),
      max_response_bytes: inspectedAnswerBytes,
    },
  };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted();
}
