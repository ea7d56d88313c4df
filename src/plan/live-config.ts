/**
 * pipelock's configuration of a running bottle, changed: rendered from the file that it runs and from what the gate grants. Every
 * rendering ends with a marker of its own, so that its hash, by which pipelock confirms it, was never seen before.
 */
import { isIpv4 } from "../core/host-name.ts";
import { ownNetwork } from "../core/own-network.ts";

export interface LiveGrants {
  /** Canonical names and patterns, with those only the sidecar may reach */
  readonly hosts: readonly string[];
  /** Those of them that may lead to a private address */
  readonly privateHosts: readonly string[];
}

export interface LiveConfig {
  readonly text: string;
  /** pipelock takes this only from the start: in strict mode a reload that loosens a check is refused whole */
  readonly needsRestart: boolean;
}

interface Config {
  mode?: unknown;
  api_allowlist?: string[];
  trusted_domains?: string[];
  ssrf?: { ip_allowlist?: string[] };
  tls_interception?: { passthrough_domains?: string[] };
}

/** RFC 2606: resolves nowhere. Strict mode wants one entry even when nothing is granted */
const noHost = "nothing.invalid";

/** Renders the configuration for what is granted now. Throws if `current` is not a configuration of ours. */
export function renderLiveConfig(current: string, grants: LiveGrants, marker: string): LiveConfig {
  const before = parseConfig(current);
  const hosts = unique(grants.hosts);
  const privateHosts = unique(grants.privateHosts);
  const { ssrf, ...rest } = before;
  const addresses = [
    ...privateHosts.filter(isIpv4).map((address) => `${address}/32`),
    ...(ssrf?.ip_allowlist ?? []).filter((range) => range === ownNetwork.range),
  ];
  const after: Config = {
    ...rest,
    api_allowlist: hosts.length > 0 ? hosts : [noHost],
    trusted_domains: privateHosts.filter((host) => !isIpv4(host)),
    ...(addresses.length > 0 ? { ssrf: { ip_allowlist: addresses } } : {}),
    ...passNewHosts(before, hosts),
  };
  return {
    text: markConfig(JSON.stringify(after, null, 2), marker),
    needsRestart: loosenings.some((read) => adds(read(before), read(after))),
  };
}

/** The same configuration with a hash that pipelock has not reported yet. */
export function markConfig(text: string, marker: string): string {
  return `${text.replaceAll(/^#.*$/gm, "").trimEnd()}\n# ${marker}\n`;
}

/** Hosts that a configuration lists. */
export function readListedHosts(text: string): readonly string[] {
  return parseConfig(text).api_allowlist ?? [];
}

/** The lists whose growth a reload refuses */
const loosenings: readonly ((config: Config) => readonly string[])[] = [
  (config) => config.trusted_domains ?? [],
  (config) => config.ssrf?.ip_allowlist ?? [],
  (config) => config.tls_interception?.passthrough_domains ?? [],
];

/** What was listed and not passed is inspected and stays so; everything new passes unopened. */
function passNewHosts(before: Config, hosts: readonly string[]): Pick<Config, "tls_interception"> {
  const interception = before.tls_interception;
  if (!interception) return {};
  const passed = interception.passthrough_domains ?? [];
  const inspected = new Set((before.api_allowlist ?? []).filter((host) => !passed.includes(host)));
  const passthrough = hosts
    .filter((host) => !inspected.has(host))
    // `*.x` does not cover x itself here, unlike in the allowlist
    .flatMap((host) => (host.startsWith("*.") ? [host, host.slice(2)] : [host]));
  return { tls_interception: { ...interception, passthrough_domains: unique(passthrough) } };
}

function parseConfig(text: string): Config {
  const json = text.replaceAll(/^#.*$/gm, "");
  const config = JSON.parse(json) as Config;
  if (config.mode !== "strict") throw new Error("pipelock's configuration is not one of ours");
  return config;
}

function adds(before: readonly string[], after: readonly string[]): boolean {
  return after.some((one) => !before.includes(one));
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted();
}
