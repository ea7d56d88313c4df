/** Compares what was asked of the engine with what it says it has made. Pure; each difference is a line that names the option. */
import { quote } from "../../core/text.ts";
import type { ContainerConfig, HostConfig } from "../../engine/containers.ts";
import type { NetworkRequest, NetworkResource } from "../../engine/networks.ts";

/** The part of GET /containers/{id}/json that is compared */
export interface KeptContainer {
  readonly Config: { readonly User?: string };
  readonly HostConfig: Readonly<Record<string, unknown>>;
}

/**
 * The options that are walls. Others may come back changed without harm: `MemorySwap` where the kernel counts no swap, `Init` where
 * it is the default, mounts with what the engine adds.
 */
const walls = [
  "NetworkMode",
  "Runtime",
  "CapDrop",
  "CapAdd",
  "SecurityOpt",
  "ReadonlyRootfs",
  "PidsLimit",
  "Memory",
  "IpcMode",
  "CgroupnsMode",
  "Ulimits",
  "LogConfig",
  "Dns",
  "DnsOptions",
  "DnsSearch",
  "ExtraHosts",
  "Sysctls",
  "Tmpfs",
] as const satisfies readonly (keyof HostConfig)[];

/** What nobody asks for and nobody may find */
const neverSet = [
  "Privileged",
  "PidMode",
  "Binds",
  "Devices",
  "VolumesFrom",
  "PublishAllPorts",
  "PortBindings",
] as const;

/** Options of a container that the engine left out or changed. */
export function findIgnored(asked: ContainerConfig, kept: KeptContainer): string[] {
  const host = kept.HostConfig;
  const differing = walls.flatMap((name) => {
    const wanted = asked.HostConfig[name];
    if (wanted === undefined || isSame(name, wanted, host[name])) return [];
    return [renderDifference(`HostConfig.${name}`, wanted, host[name])];
  });
  const added = neverSet.flatMap((name) =>
    isEmpty(host[name]) ? [] : [renderDifference(`HostConfig.${name}`, null, host[name])],
  );
  const user = kept.Config.User ?? "";
  const isUserKept = asked.User === undefined || asked.User === user;
  return [...(isUserKept ? [] : [renderDifference("User", asked.User, user)]), ...differing, ...added];
}

/** Options of a network that the engine left out or changed. */
export function findIgnoredInNetwork(asked: NetworkRequest, kept: NetworkResource): string[] {
  const config = kept.IPAM?.Config?.[0];
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["Internal", asked.internal, kept.Internal ?? false],
    ["EnableIPv6", false, kept.EnableIPv6 ?? false],
    ["IPAM.Config.Subnet", asked.subnet, config?.Subnet],
    ["IPAM.Config.Gateway", asked.gateway, config?.Gateway],
    ...Object.entries(asked.options).map(
      ([name, value]) => [`Options["${name}"]`, value, kept.Options?.[name]] as const,
    ),
  ];
  return pairs
    .filter(([, wanted, found]) => wanted !== found)
    .map(([name, wanted, found]) => renderDifference(name, wanted, found));
}

function isSame(name: string, wanted: unknown, found: unknown): boolean {
  // The engine puts the id of the container in the place of its name
  if (name === "NetworkMode" && String(wanted).startsWith("container:"))
    return String(found).startsWith("container:");
  return canonical(wanted) === canonical(found);
}

/** Equal for equal content: keys in order, and nothing for what is empty. */
function canonical(value: unknown): string {
  if (isEmpty(value)) return "";
  if (Array.isArray(value)) return JSON.stringify(value.map(canonical).toSorted());
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => [key, canonical(one)] as const);
  return JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false || value === 0) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function renderDifference(name: string, wanted: unknown, found: unknown): string {
  return `${name}: asked for ${show(wanted)}, found ${show(found)}`;
}

function show(value: unknown): string {
  return isEmpty(value) ? "nothing" : quote(typeof value === "string" ? value : JSON.stringify(value), 80);
}
