/** The configurations that exchanges are made with. `strict` is what the product writes for a bottle, with a server on loopback granted. */

export type Config = Readonly<Record<string, unknown>>;

export const strict: Config = {
  version: 1,
  mode: "strict",
  enforce: true,
  explain_blocks: true,
  api_allowlist: ["localhost", "127.0.0.1", "*.wild.invalid", "10.9.8.7", "unknown.invalid", "[::1]", "::1"],
  fetch_proxy: {
    listen: "127.0.0.1:8889",
    max_response_mb: 1,
    monitoring: {
      max_requests_per_minute: 100_000,
      max_url_length: 8192,
      entropy_threshold: 4.5,
      subdomain_entropy_threshold: 4,
    },
  },
  forward_proxy: {
    enabled: true,
    max_tunnel_seconds: 86_400,
    idle_timeout_seconds: 86_400,
    sni_verification: true,
  },
  request_body_scanning: { enabled: true, action: "block" },
  response_scanning: {
    enabled: true,
    action: "warn",
    sse_streaming: { enabled: true, action: "warn", max_event_bytes: 16_777_216 },
  },
  media_policy: { enabled: false },
  websocket_proxy: { enabled: false },
  dlp: { include_defaults: true, scan_env: false },
  trusted_domains: [],
  ssrf: { ip_allowlist: ["127.0.0.0/8", "::1/128"] },
  metrics_listen: "127.0.0.1:{metrics}",
  sentry: { enabled: false },
  logging: { format: "json", output: "stdout", include_allowed: true, include_blocked: true },
};

/** As the product writes it where `inspect` names hosts: TLS of every other is passed */
export const opened: Config = {
  ...strict,
  tls_interception: {
    enabled: true,
    ca_cert: "{folder}/ca.pem",
    ca_key: "{folder}/ca-key.pem",
    passthrough_domains: ["127.0.0.1"],
    max_response_bytes: 1_048_576,
  },
};

/** Without what the product sets for media and event streams */
export const plainDefaults: Config = without(strict, "media_policy", {
  response_scanning: { enabled: true, action: "warn" },
});
export const openedDefaults: Config = without(opened, "media_policy", {
  response_scanning: { enabled: true, action: "warn" },
});

export const balanced: Config = { ...strict, mode: "balanced", api_allowlist: ["b.invalid"] };
export const unenforced: Config = { ...strict, enforce: false, api_allowlist: ["b.invalid"] };
/** No private address is granted */
export const guarded: Config = { ...strict, ssrf: { ip_allowlist: ["192.0.2.0/32"] } };
export const trusting: Config = { ...guarded, trusted_domains: ["localhost"] };
export const quiet: Config = { ...strict, explain_blocks: false };
export const warning: Config = {
  ...strict,
  request_body_scanning: { enabled: true, action: "warn" },
};
export const noForwarding: Config = { ...strict, forward_proxy: { enabled: false } };
/** 60 a minute would take long to reach */
export const slow: Config = { ...strict, fetch_proxy: { monitoring: { max_requests_per_minute: 3 } } };
export const brief: Config = {
  ...strict,
  forward_proxy: { enabled: true, max_tunnel_seconds: 86_400, idle_timeout_seconds: 3 },
};
export const shortLived: Config = {
  ...strict,
  forward_proxy: { enabled: true, max_tunnel_seconds: 3, idle_timeout_seconds: 86_400 },
};
export const unverified: Config = {
  ...strict,
  forward_proxy: { enabled: true, sni_verification: false },
};

function without(config: Config, name: string, change: Config): Config {
  const { [name]: _, ...rest } = config;
  return { ...rest, ...change };
}
