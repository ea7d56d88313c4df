/** What a reload may not do: loosen anything while strict, or change what is bound at start. */
import { coversRange } from "./addresses.ts";
import type { Config } from "./config.ts";
import { Failure } from "./failure.ts";

export interface Downgrade {
  readonly field: string;
  readonly message: string;
}

const ranks: Readonly<Record<string, number>> = { strict: 3, balanced: 2, audit: 1 };

/** Every way in which the new configuration is laxer, or cannot take effect, in the words of the real program's warnings. */
export function findDowngrades(old: Config, next: Config): Downgrade[] {
  const found: Downgrade[] = [...findLost(old, next), ...findAdded(old, next)];
  if ((ranks[next.mode] ?? 0) < (ranks[old.mode] ?? 0)) {
    found.push({ field: "mode", message: `mode downgraded from ${old.mode} to ${next.mode}` });
  }
  const gone = old.dlp.patterns.filter(
    (one) => !next.dlp.patterns.some((other) => other.name === one.name && other.regex === one.regex),
  );
  if (gone.length > 0) {
    const names = gone.map((one) => one.name).join(", ");
    found.push({
      field: "dlp.patterns",
      message: `DLP patterns removed or regex-swapped on reload: ${names}`,
    });
  }
  if (old.dlp.secretsFile !== next.dlp.secretsFile) {
    found.push({ field: "dlp.secrets_file", message: "secrets_file changed" });
  }
  return found;
}

/** Protections that were on and are off now. */
function findLost(old: Config, next: Config): Downgrade[] {
  const switches: readonly (readonly [string, boolean, boolean, string])[] = [
    [
      "dlp.include_defaults",
      old.dlp.includesDefaults,
      next.dlp.includesDefaults,
      "DLP include_defaults disabled",
    ],
    ["enforce", old.enforce, next.enforce, "enforcement disabled — switching to detect-only mode"],
    ["forward_proxy.enabled", old.forward.enabled, next.forward.enabled, "forward proxy disabled"],
    ["request_body_scanning.enabled", old.body.enabled, next.body.enabled, "request body scanning disabled"],
    [
      "tls_interception.enabled",
      old.interception.enabled,
      next.interception.enabled,
      "TLS interception disabled — CONNECT tunnel body/header scanning lost",
    ],
  ];
  return switches
    .filter(([, before, after]) => before && !after)
    .map(([field, , , message]) => ({ field, message }));
}

/** Exemptions that were not there before. */
function findAdded(old: Config, next: Config): Downgrade[] {
  const isOpened = old.interception.enabled && next.interception.enabled;
  const lists: readonly (readonly [string, readonly string[], readonly string[], string])[] = [
    [
      "tls_interception.passthrough_domains",
      old.interception.passthrough,
      isOpened ? next.interception.passthrough : [],
      "passthrough domains",
    ],
    [
      "fetch_proxy.monitoring.subdomain_entropy_exclusions",
      old.entropyExclusions,
      next.entropyExclusions,
      "subdomain entropy exclusions",
    ],
    ["trusted_domains", old.trustedDomains, next.trustedDomains, "trusted domains"],
    ["response_scanning.exempt_domains", old.responseExemptions, next.responseExemptions, "exempt domains"],
  ];
  const found = lists.flatMap(([field, before, after, what]) => {
    const more = after.filter((one) => !before.includes(one));
    return more.length > 0 ? [{ field, message: `${what} added: ${more.join(", ")}` }] : [];
  });
  const wider = next.ipAllowlist.filter((range) => !coversRange(old.ipAllowlist, range));
  if (wider.length === 0) return found;
  return [
    ...found,
    { field: "ssrf.ip_allowlist", message: `SSRF IP allowlist expanded: ${wider.join(", ")}` },
  ];
}

/**
 * The configuration to go on with. Throws a `Failure` if the reload is refused whole; what is bound at start is kept, with a
 * warning.
 */
export function admitReload(old: Config, next: Config, warn: (line: string) => void): Config {
  if (!old.forward.enabled && next.forward.enabled) {
    throw new Failure("rejected: forward proxy cannot be enabled via reload (requires restart)");
  }
  let kept = next;
  if (old.metricsListen !== next.metricsListen) {
    warn(startOnly("metrics_listen", old.metricsListen, next.metricsListen));
    kept = { ...kept, metricsListen: old.metricsListen };
  }
  if (old.killSwitch.apiListen !== next.killSwitch.apiListen) {
    warn(startOnly("kill_switch.api_listen", old.killSwitch.apiListen, next.killSwitch.apiListen));
    kept = { ...kept, killSwitch: { ...kept.killSwitch, apiListen: old.killSwitch.apiListen } };
  }
  const downgrades = findDowngrades(old, kept);
  for (const { field, message } of downgrades) warn(`WARNING: config reload: ${field} - ${message}`);
  if (old.mode === "strict" && downgrades.length > 0) {
    throw new Failure("rejected: security downgrade from strict mode");
  }
  return kept;
}

function startOnly(field: string, old: string, next: string): string {
  const [from, to] = [JSON.stringify(old), JSON.stringify(next)];
  return `WARNING: config reload: ${field} changed from ${from} to ${to} — requires restart, ignoring`;
}
