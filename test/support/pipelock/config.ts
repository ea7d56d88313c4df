/** The configuration as the program uses it: what the file says, and the real program's defaults for what it leaves out. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { describeFileError, Failure } from "./failure.ts";
import { readYaml, section } from "./read-yaml.ts";
import type { RawConfig } from "./read-yaml.ts";
import { validate } from "./validate.ts";

export interface CustomPattern {
  readonly name: string;
  readonly regex: string;
  readonly exemptDomains: readonly string[];
}

export interface Config {
  /** sha256 of the file's bytes; "defaults" without a file */
  readonly hash: string;
  readonly mode: string;
  readonly enforce: boolean;
  readonly explainBlocks: boolean;
  readonly allowlist: readonly string[];
  readonly listen: string;
  readonly timeoutSeconds: number;
  readonly maxResponseBytes: number;
  readonly maxUrlLength: number;
  readonly entropyThreshold: number;
  readonly subdomainEntropyThreshold: number;
  readonly requestsPerMinute: number;
  readonly blocklist: readonly string[];
  readonly entropyExclusions: readonly string[];
  readonly forward: {
    readonly enabled: boolean;
    readonly maxTunnelSeconds: number;
    readonly idleSeconds: number;
    readonly verifiesServerName: boolean;
  };
  readonly internal: readonly string[];
  readonly trustedDomains: readonly string[];
  readonly ipAllowlist: readonly string[];
  readonly dlp: {
    readonly scansEnvironment: boolean;
    readonly secretsFile: string | undefined;
    readonly minSecretLength: number;
    readonly includesDefaults: boolean;
    readonly patterns: readonly CustomPattern[];
  };
  readonly body: {
    readonly enabled: boolean;
    readonly action: string;
    readonly maxBytes: number;
    readonly scansHeaders: boolean;
    readonly scansAllHeaders: boolean;
    readonly sensitiveHeaders: readonly string[];
    readonly ignoredHeaders: readonly string[];
  };
  readonly responseScanning: boolean;
  readonly responseExemptions: readonly string[];
  readonly interception: {
    readonly enabled: boolean;
    readonly caCert: string;
    readonly caKey: string;
    readonly passthrough: readonly string[];
    readonly ttlMs: number;
    readonly maxResponseBytes: number;
  };
  readonly metricsListen: string;
  readonly killSwitch: {
    readonly enabled: boolean;
    readonly message: string;
    readonly token: string;
    readonly apiListen: string;
  };
  readonly includeAllowed: boolean;
  readonly includeBlocked: boolean;
}

/** Reads, completes and validates a file. Throws a `Failure` with the real program's words. */
export function loadConfig(path: string): Config {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new Failure(`reading config ${path}: ${describeFileError("open", path, error)}`);
  }
  const raw = readYaml(bytes, path);
  const config = completeConfig(raw, createHash("sha256").update(bytes).digest("hex"), dirname(path));
  try {
    validate(raw, config);
  } catch (error) {
    if (error instanceof Failure) throw new Failure(`invalid config: ${error.message}`);
    throw error;
  }
  return config;
}

/** The built-in configuration of a start without a file; unlike a file's defaults it forwards nothing. */
export function defaultConfig(): Config {
  return completeConfig({}, "defaults", "/");
}

function completeConfig(raw: RawConfig, hash: string, folder: string): Config {
  const fetch = section(raw, "fetch_proxy");
  const monitoring = section(fetch, "monitoring");
  const response = section(raw, "response_scanning");
  const logging = section(raw, "logging");
  return {
    hash,
    mode: text(raw, "mode", "balanced"),
    enforce: flag(raw, "enforce", true),
    explainBlocks: flag(raw, "explain_blocks", false),
    allowlist: list(raw, "api_allowlist"),
    listen: text(fetch, "listen", "127.0.0.1:8888"),
    timeoutSeconds: positive(fetch, "timeout_seconds", 30),
    maxResponseBytes: positive(fetch, "max_response_mb", 10) * 1024 * 1024,
    maxUrlLength: positive(monitoring, "max_url_length", 2048),
    entropyThreshold: positive(monitoring, "entropy_threshold", 4.5),
    subdomainEntropyThreshold: positive(monitoring, "subdomain_entropy_threshold", 4),
    // 0 and less cannot switch the limit off
    requestsPerMinute: positive(monitoring, "max_requests_per_minute", 60),
    blocklist: list(monitoring, "blocklist"),
    entropyExclusions: list(monitoring, "subdomain_entropy_exclusions"),
    forward: completeForward(section(raw, "forward_proxy")),
    internal: list(raw, "internal"),
    trustedDomains: list(raw, "trusted_domains"),
    ipAllowlist: list(section(raw, "ssrf"), "ip_allowlist"),
    dlp: completeDlp(section(raw, "dlp"), folder),
    body: completeBody(section(raw, "request_body_scanning")),
    responseScanning: flag(response, "enabled", true),
    responseExemptions: list(response, "exempt_domains"),
    interception: completeInterception(section(raw, "tls_interception"), folder),
    metricsListen: text(raw, "metrics_listen", ""),
    killSwitch: completeKillSwitch(section(raw, "kill_switch")),
    includeAllowed: flag(logging, "include_allowed", true),
    includeBlocked: flag(logging, "include_blocked", true),
  };
}

function completeForward(raw: RawConfig): Config["forward"] {
  return {
    enabled: flag(raw, "enabled", false),
    maxTunnelSeconds: positive(raw, "max_tunnel_seconds", 300),
    idleSeconds: positive(raw, "idle_timeout_seconds", 120),
    verifiesServerName: flag(raw, "sni_verification", true),
  };
}

function completeKillSwitch(raw: RawConfig): Config["killSwitch"] {
  return {
    enabled: flag(raw, "enabled", false),
    message: text(raw, "message", "Emergency deny-all active"),
    token: text(raw, "api_token", process.env["PIPELOCK_KILLSWITCH_API_TOKEN"] ?? ""),
    apiListen: text(raw, "api_listen", ""),
  };
}

function completeDlp(raw: RawConfig, folder: string): Config["dlp"] {
  const file = text(raw, "secrets_file", "");
  return {
    scansEnvironment: flag(raw, "scan_env", true),
    secretsFile: file === "" ? undefined : resolve(folder, file),
    minSecretLength: positive(raw, "min_env_secret_length", 16),
    includesDefaults: flag(raw, "include_defaults", true),
    patterns: ((raw["patterns"] ?? []) as RawConfig[]).map((one) => ({
      name: text(one, "name", ""),
      regex: text(one, "regex", ""),
      exemptDomains: list(one, "exempt_domains"),
    })),
  };
}

function completeBody(raw: RawConfig): Config["body"] {
  const named = (key: string, fallback: string) => {
    const given = list(raw, key);
    return (given.length > 0 ? given : fallback.split(" ")).map((name) => name.toLowerCase());
  };
  return {
    enabled: flag(raw, "enabled", true),
    action: text(raw, "action", "warn"),
    maxBytes: (raw["max_body_bytes"] as number | undefined) || 5 * 1024 * 1024,
    scansHeaders: flag(raw, "scan_headers", true),
    scansAllHeaders: text(raw, "header_mode", "sensitive") === "all",
    sensitiveHeaders: named(
      "sensitive_headers",
      "authorization cookie x-api-key x-token proxy-authorization x-goog-api-key",
    ),
    ignoredHeaders: named(
      "ignore_headers",
      "connection keep-alive proxy-authenticate te trailer transfer-encoding upgrade host content-length content-type accept " +
        "accept-encoding user-agent",
    ),
  };
}

function completeInterception(raw: RawConfig, folder: string): Config["interception"] {
  const home = `${process.env["HOME"] ?? ""}/.pipelock`;
  return {
    enabled: flag(raw, "enabled", false),
    caCert: resolve(folder, text(raw, "ca_cert", `${home}/ca.pem`)),
    caKey: resolve(folder, text(raw, "ca_key", `${home}/ca-key.pem`)),
    passthrough: list(raw, "passthrough_domains"),
    ttlMs: Number.parseFloat(text(raw, "cert_ttl", "24h")) * 3_600_000,
    maxResponseBytes: positive(raw, "max_response_bytes", 5 * 1024 * 1024),
  };
}

/** Relative paths count from the configuration's folder. */
function resolve(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

function text(raw: RawConfig, key: string, fallback: string): string {
  return (raw[key] as string | undefined) || fallback;
}

function flag(raw: RawConfig, key: string, fallback: boolean): boolean {
  return (raw[key] as boolean | undefined) ?? fallback;
}

function positive(raw: RawConfig, key: string, fallback: number): number {
  const value = raw[key] as number | undefined;
  return value !== undefined && value > 0 ? value : fallback;
}

function list(raw: RawConfig, key: string): readonly string[] {
  return (raw[key] ?? []) as readonly string[];
}
