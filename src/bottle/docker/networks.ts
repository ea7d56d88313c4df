/** The two networks of a bottle: an internal one without a way out, and the sidecar's way out. */
import { BottleError } from "../../core/error.ts";
import type { Scope } from "../../core/scope.ts";
import type { Engine } from "../../engine/engine.ts";
import { createNetwork, isAddressOverlap, listNetworks, removeNetwork } from "../../engine/networks.ts";
import { pickSubnets } from "../../plan/subnets.ts";
import type { SubnetPlan } from "../../plan/subnets.ts";
import type { Labels, ObjectNames, Role } from "./labels.ts";
import { settleAll } from "./settle.ts";

export interface BottleNetworks {
  readonly internal: SubnetPlan;
  readonly egress: SubnetPlan;
  readonly internalId: string;
  readonly egressId: string;
}

export interface NetworkRequest {
  readonly names: ObjectNames;
  readonly labels: (role: Role) => Labels;
  /** CIDRs that the host routes already, so that a bottle does not hide a VPN */
  readonly hostRoutes: readonly string[];
  /** Spreads simultaneous starts over the address range */
  readonly seed: number;
}

/** Another start can take the same range between our look and our create; each try looks again */
const overlapTries = 32;

/** Creates both networks on free /29 ranges and registers their removal with `scope`. */
export async function createBottleNetworks(
  engine: Engine,
  request: NetworkRequest,
  scope: Scope,
): Promise<BottleNetworks> {
  for (const name of [request.names.internal, request.names.egress]) {
    scope.add(`network ${name}`, () => removeNetwork(engine, name));
  }
  for (let attempt = 0; attempt < overlapTries; attempt += 1) {
    const subnets = pickSubnets([...(await readUsedSubnets(engine)), ...request.hostRoutes], request.seed + attempt * 7919);
    try {
      const [internalId, egressId] = await settleAll([
        createInternal(engine, request, subnets.internal),
        createEgress(engine, request, subnets.egress),
      ]);
      return { ...subnets, internalId, egressId };
    } catch (error) {
      if (!isAddressOverlap(error)) throw error;
      await settleAll([removeNetwork(engine, request.names.internal), removeNetwork(engine, request.names.egress)]);
    }
  }
  throw new BottleError({
    code: "engine-refused",
    message: `Cannot create the bottle's networks: each of ${overlapTries} address ranges was taken by somebody else first`,
    hint: 'Run "claude-bottle cleanup" to remove leftovers, or "docker network prune".',
  });
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

async function readUsedSubnets(engine: Engine): Promise<string[]> {
  const networks = await listNetworks(engine);
  return networks.flatMap((network) => network.subnets);
}
