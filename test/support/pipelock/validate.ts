/** What the real program refuses at load, and what its stand-in cannot do and refuses too. */
import { statSync } from "node:fs";
import { checkCidr } from "./addresses.ts";
import type { Config } from "./config.ts";
import { checkDomainList } from "./domains.ts";
import { describeFileError, Failure } from "./failure.ts";
import { section } from "./read-yaml.ts";
import type { RawConfig } from "./read-yaml.ts";

/** Throws a `Failure` for the first thing that is wrong. */
export function validate(raw: RawConfig, config: Config): void {
  checkMode(config);
  checkLogging(section(raw, "logging"));
  checkDlp(section(raw, "dlp"), config);
  checkMonitoring(section(section(raw, "fetch_proxy"), "monitoring"));
  checkResponses(section(raw, "response_scanning"));
  checkBodies(section(raw, "request_body_scanning"), config);
  checkInterception(section(raw, "tls_interception"), config);
  checkListeners(config);
  for (const cidr of config.internal) checkCidr(cidr, "internal CIDR");
  checkDomainList(config.trustedDomains, "trusted_domains", "bare wildcard disables all SSRF protection");
  for (const cidr of config.ipAllowlist) checkCidr(cidr, "ssrf.ip_allowlist CIDR", "narrow");
  checkUnsupported(raw);
}

function checkMode({ mode, allowlist }: Config): void {
  if (!["strict", "balanced", "audit"].includes(mode)) {
    throw new Failure(`invalid mode ${JSON.stringify(mode)}: must be strict, balanced, or audit`);
  }
  if (mode === "strict" && allowlist.length === 0) {
    throw new Failure("strict mode requires at least one domain in api_allowlist");
  }
}

function checkLogging(raw: RawConfig): void {
  const format = raw["format"] || "json";
  if (format !== "json")
    throw new Failure(`invalid logging format ${JSON.stringify(format)}: must be json or text`);
  const output = raw["output"] || "stdout";
  if (output !== "stdout") {
    throw new Failure(`invalid logging output ${JSON.stringify(output)}: must be stdout, file, or both`);
  }
}

function checkDlp(raw: RawConfig, { dlp }: Config): void {
  if (raw["action"]) {
    throw new Failure(`dlp.action ${JSON.stringify(raw["action"])} is not supported`);
  }
  for (const one of (raw["patterns"] ?? []) as RawConfig[]) {
    const name = JSON.stringify(one["name"] ?? "");
    if (!one["name"]) throw new Failure("DLP pattern missing name");
    if (!one["regex"]) throw new Failure(`DLP pattern ${name} missing regex`);
    if (one["action"] || one["validator"]) {
      throw new Failure(`DLP pattern ${name} has an action or validator, which the stand-in does not know`);
    }
    try {
      RegExp(String(one["regex"]));
    } catch (error) {
      throw new Failure(`DLP pattern ${name} has invalid regex: ${String(error)}`);
    }
  }
  for (const one of dlp.patterns)
    checkDomainList(one.exemptDomains, `DLP pattern "${one.name}" exempt_domains`);
  if (dlp.secretsFile !== undefined) checkSecretFile(dlp.secretsFile, "secrets_file", 0o037);
}

function checkSecretFile(path: string, what: string, forbidden: number): void {
  let mode: number;
  try {
    mode = statSync(path).mode & 0o777;
  } catch (error) {
    throw new Failure(`${what} not found at ${path}: ${describeFileError("stat", path, error)}`);
  }
  if ((mode & forbidden) !== 0) {
    const shown = mode.toString(8).padStart(4, "0");
    throw new Failure(`${what} ${path} is too permissive (mode ${shown}): restrict to 0600 or 0640`);
  }
}

function checkMonitoring(raw: RawConfig): void {
  if (((raw["blocklist"] ?? []) as string[]).includes("")) throw new Failure("empty blocklist entry");
  checkDomainList((raw["subdomain_entropy_exclusions"] ?? []) as string[], "subdomain_entropy_exclusions");
}

/** Scanning answers for injected instructions is beyond the stand-in: it must be on, as the product has it, and only warn. */
function checkResponses(raw: RawConfig): void {
  if (raw["enabled"] === false) {
    throw new Failure(
      "response_scanning.enabled: false makes core patterns block, which the stand-in does not do",
    );
  }
  const action = raw["action"] || "warn";
  if (action !== "warn") {
    throw new Failure(
      `invalid response_scanning.action ${JSON.stringify(action)}: the stand-in knows warn only`,
    );
  }
}

function checkBodies(raw: RawConfig, { body }: Config): void {
  if (!body.enabled) return;
  if (body.action !== "warn" && body.action !== "block") {
    throw new Failure(
      `invalid request_body_scanning.action ${JSON.stringify(body.action)}: must be warn or block`,
    );
  }
  if (body.maxBytes <= 0) throw new Failure("request_body_scanning.max_body_bytes must be positive");
  const mode = raw["header_mode"] || "sensitive";
  if (mode !== "sensitive" && mode !== "all") {
    throw new Failure(
      `invalid request_body_scanning.header_mode ${JSON.stringify(mode)}: must be sensitive or all`,
    );
  }
}

function checkInterception(raw: RawConfig, { interception }: Config): void {
  if (!interception.enabled) return;
  if (!/^\d+(\.\d+)?h$/.test(String(raw["cert_ttl"] || "24h")) || interception.ttlMs <= 0) {
    throw new Failure("tls_interception.cert_ttl must be positive, and the stand-in reads whole hours only");
  }
  if (!process.env["HOME"] && !(raw["ca_cert"] && raw["ca_key"])) {
    throw new Failure(
      "tls_interception: resolve CA path: $HOME is not defined (set ca_cert and ca_key explicitly)",
    );
  }
  checkFound(interception.caCert, "CA cert");
  checkSecretFile(interception.caKey, "CA key", 0o137);
}

function checkFound(path: string, what: string): void {
  try {
    statSync(path);
  } catch (error) {
    const reason = describeFileError("stat", path, error);
    throw new Failure(`${what} not found at ${path} (run 'pipelock tls init'): ${reason}`);
  }
}

function portOf(address: string, what: string): string {
  const port = /:(\d{1,5})$/.exec(address)?.[1];
  if (port !== undefined) return port;
  throw new Failure(`invalid ${what} ${JSON.stringify(address)}: missing port in address`);
}

/** The check holds against the file's own listen address, not against --listen. */
function checkListeners(config: Config): void {
  const { metricsListen, killSwitch } = config;
  const taken = new Map<string, string>();
  for (const [what, address] of [
    ["fetch_proxy.listen", config.listen],
    ["kill_switch.api_listen", killSwitch.apiListen],
    ["metrics_listen", metricsListen],
  ] as const) {
    if (address === "") continue;
    const port = portOf(address, what);
    const other = taken.get(port);
    if (other) throw new Failure(`${what} port ${port} collides with ${other} port ${port}`);
    taken.set(port, what);
  }
  if (killSwitch.apiListen !== "" && killSwitch.token === "") {
    throw new Failure("kill_switch.api_listen requires kill_switch.api_token to be set");
  }
}

function refuse(what: string): never {
  throw new Failure(`${what} is known to pipelock but not to its stand-in`);
}

/** Accepting what is not acted on would be laxer than the real program. */
function checkUnsupported(raw: RawConfig): void {
  const kill = section(raw, "kill_switch");
  const sentry = section(raw, "sentry");
  if (section(raw, "websocket_proxy")["enabled"]) refuse("websocket_proxy.enabled");
  if (section(section(raw, "fetch_proxy"), "monitoring")["max_data_per_minute"])
    refuse("max_data_per_minute");
  if (kill["sentinel_file"]) refuse("kill_switch.sentinel_file");
  if (((kill["allowlist_ips"] ?? []) as string[]).length > 0) refuse("kill_switch.allowlist_ips");
  if (sentry["enabled"] !== false && (sentry["dsn"] || process.env["SENTRY_DSN"])) refuse("sentry.dsn");
  const rate = sentry["sample_rate"] as number | undefined;
  if (rate !== undefined && (rate < 0 || rate > 1)) {
    throw new Failure(`invalid sentry.sample_rate ${rate}: must be between 0.0 and 1.0`);
  }
  // The real program then checks no resolved address at all
  const internal = raw["internal"] as string[] | undefined;
  if (internal?.length === 0) refuse("an empty internal list");
}
