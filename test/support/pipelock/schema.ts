/**
 * The keys that release 2.3.0 knows, by section, with the names its error messages use. A section that exists there but that the
 * stand-in cannot act on is listed apart and refused, because accepting it in silence would be laxer than the real program.
 */

export type Leaf = "string" | "int" | "float" | "bool" | "strings";

export interface Section {
  /** As error messages name it */
  readonly type: string;
  readonly keys: Readonly<Record<string, Leaf | Section | SectionList>>;
}

export interface SectionList {
  readonly each: Section;
}

const monitoring: Section = {
  type: "config.Monitoring",
  keys: {
    max_url_length: "int",
    entropy_threshold: "float",
    subdomain_entropy_threshold: "float",
    max_requests_per_minute: "int",
    max_data_per_minute: "int",
    blocklist: "strings",
    subdomain_entropy_exclusions: "strings",
  },
};

const fetchProxy: Section = {
  type: "config.FetchProxy",
  keys: {
    listen: "string",
    timeout_seconds: "int",
    max_response_mb: "int",
    user_agent: "string",
    monitoring,
  },
};

const forwardProxy: Section = {
  type: "config.ForwardProxy",
  keys: {
    enabled: "bool",
    max_tunnel_seconds: "int",
    idle_timeout_seconds: "int",
    sni_verification: "bool",
    redirect_websocket_hosts: "strings",
  },
};

const webSocketProxy: Section = {
  type: "config.WebSocketProxy",
  keys: {
    enabled: "bool",
    max_message_bytes: "int",
    max_concurrent_connections: "int",
    scan_text_frames: "bool",
    allow_binary_frames: "bool",
    forward_cookies: "bool",
    strip_compression: "bool",
    max_connection_seconds: "int",
    idle_timeout_seconds: "int",
    origin_policy: "string",
  },
};

const dlpPattern: Section = {
  type: "config.DLPPattern",
  keys: {
    name: "string",
    regex: "string",
    severity: "string",
    validator: "string",
    exempt_domains: "strings",
    action: "string",
  },
};

const dlp: Section = {
  type: "config.DLP",
  keys: {
    scan_env: "bool",
    secrets_file: "string",
    min_env_secret_length: "int",
    include_defaults: "bool",
    patterns: { each: dlpPattern },
    action: "string",
  },
};

const responseScanning: Section = {
  type: "config.ResponseScanning",
  keys: {
    enabled: "bool",
    action: "string",
    ask_timeout_seconds: "int",
    include_defaults: "bool",
    patterns: { each: { type: "config.ResponseScanPattern", keys: { name: "string", regex: "string" } } },
    exempt_domains: "strings",
    sse_streaming: {
      type: "config.GenericSSEScanning",
      keys: { enabled: "bool", action: "string", max_event_bytes: "int" },
    },
  },
};

const requestBodyScanning: Section = {
  type: "config.RequestBodyScanning",
  keys: {
    enabled: "bool",
    action: "string",
    max_body_bytes: "int",
    scan_headers: "bool",
    header_mode: "string",
    sensitive_headers: "strings",
    ignore_headers: "strings",
  },
};

const tlsInterception: Section = {
  type: "config.TLSInterception",
  keys: {
    enabled: "bool",
    ca_cert: "string",
    ca_key: "string",
    passthrough_domains: "strings",
    cert_ttl: "string",
    cert_cache_size: "int",
    max_response_bytes: "int",
  },
};

const killSwitch: Section = {
  type: "config.KillSwitch",
  keys: {
    enabled: "bool",
    sentinel_file: "string",
    message: "string",
    health_exempt: "bool",
    metrics_exempt: "bool",
    api_exempt: "bool",
    api_token: "string",
    api_listen: "string",
    allowlist_ips: "strings",
  },
};

export const rootSection: Section = {
  type: "config.Config",
  keys: {
    version: "int",
    mode: "string",
    enforce: "bool",
    explain_blocks: "bool",
    api_allowlist: "strings",
    fetch_proxy: fetchProxy,
    forward_proxy: forwardProxy,
    websocket_proxy: webSocketProxy,
    dlp,
    response_scanning: responseScanning,
    request_body_scanning: requestBodyScanning,
    tls_interception: tlsInterception,
    internal: "strings",
    trusted_domains: "strings",
    ssrf: { type: "config.SSRF", keys: { ip_allowlist: "strings" } },
    metrics_listen: "string",
    kill_switch: killSwitch,
    sentry: {
      type: "config.SentryConfig",
      keys: { enabled: "bool", dsn: "string", environment: "string", sample_rate: "float", debug: "bool" },
    },
    logging: {
      type: "config.LoggingConfig",
      keys: {
        format: "string",
        output: "string",
        file: "string",
        include_allowed: "bool",
        include_blocked: "bool",
      },
    },
  },
};

/** Sections of the real schema that the stand-in refuses to read */
export const unsupportedSections: ReadonlySet<string> = new Set(
  (
    "a2a_scanning adaptive_enforcement address_protection agents airlock behavioral_baseline bind_default_agent_identity " +
    "browser_shield canary_tokens cross_request_detection default_agent_identity emit file_sentry flight_recorder " +
    "git_protection license_file license_key license_public_key mcp_binary_integrity mcp_input_scanning " +
    "mcp_session_binding mcp_tool_policy mcp_tool_provenance mcp_tool_scanning mcp_ws_listener media_policy " +
    "mediation_envelope redaction reverse_proxy rules sandbox scan_api seed_phrase_detection session_profiling suppress " +
    "taint tool_chain_detection"
  ).split(" "),
);
