/** The two networks of a bottle: an internal one without a way out, and the sidecar's way out. */
import type { Scope } from "../../core/scope.ts";
import type { Engine } from "../../engine/engine.ts";
import { createNetwork, listNetworks, removeNetwork } from "../../engine/networks.ts";
import { pickSubnets } from "../../plan/subnets.ts";
import type { SubnetPlan } from "../../plan/subnets.ts";
import type { Labels, ObjectNames, Role } from "./labels.ts";

/** The ranges are decided before the networks exist, so that containers can be created at the same time. */
export interface BottleNetworks {
  readonly internal: SubnetPlan;
  readonly egress: SubnetPlan;
  /** Resolve with the id once the network is there */
  readonly internalId: Promise<string>;
  readonly egressId: Promise<string>;
}

export interface NetworkRequest {
  readonly names: ObjectNames;
  readonly labels: (role: Role) => Labels;
  /** CIDRs that the host routes already, so that a bottle does not hide a VPN */
  readonly hostRoutes: readonly string[];
  /** Spreads simultaneous starts over the address range */
  readonly seed: number;
}

/** Picks two free /29 ranges and begins to create both networks; their removal is registered with `scope` first. */
export async function beginNetworks(
  engine: Engine,
  request: NetworkRequest,
  scope: Scope,
): Promise<BottleNetworks> {
  const used = (await listNetworks(engine)).flatMap((network) => network.subnets);
  const subnets = pickSubnets([...used, ...request.hostRoutes], request.seed);
  for (const name of [request.names.internal, request.names.egress]) {
    scope.add(`network ${name}`, () => removeNetwork(engine, name));
  }
  const internalId = createInternal(engine, request, subnets.internal);
  const egressId = createEgress(engine, request, subnets.egress);
  // Whoever uses the networks sees the error; until then it must not count as unhandled
  internalId.catch(() => undefined);
  egressId.catch(() => undefined);
  return { ...subnets, internalId, egressId };
}

/**
 * `Internal` alone still lets the agent reach the host at the bridge's own address, so that address is inhibited on every
 * version, and from API 1.48 on the gateway is isolated too (older engines accept the option and ignore it).
 */
function createInternal(engine: Engine, request: NetworkRequest, subnet: SubnetPlan): Promise<string> {
  const options: Record<string, string> = { "com.docker.network.bridge.inhibit_ipv4": "true" };
  if (engine.supports("1.48")) {
    options["com.docker.network.bridge.gateway_mode_ipv4"] = "isolated";
    options["com.docker.network.bridge.gateway_mode_ipv6"] = "isolated";
  }
  return createNetwork(engine, {
    name: request.names.internal,
    internal: true,
    subnet: subnet.subnet,
    gateway: subnet.gateway,
    options,
    labels: request.labels("internal"),
  });
}

function createEgress(engine: Engine, request: NetworkRequest, subnet: SubnetPlan): Promise<string> {
  return createNetwork(engine, {
    name: request.names.egress,
    internal: false,
    subnet: subnet.subnet,
    gateway: subnet.gateway,
    options: {},
    labels: request.labels("egress"),
  });
}
