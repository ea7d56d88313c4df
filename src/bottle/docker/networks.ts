/** The two networks of a bottle: an internal one without a way out, and the sidecar's way out. */
import { BottleError, messageOf } from "../../core/error.ts";
import { isIpv4 } from "../../core/host-name.ts";
import type { Scope } from "../../core/scope.ts";
import type { Engine } from "../../engine/engine.ts";
import { removeNetwork } from "../../engine/networks.ts";
import type { NetworkSummary } from "../../engine/networks.ts";
import { pickSubnets, ranges } from "../../plan/subnets.ts";
import type { ServicesSubnet, SubnetPlan } from "../../plan/subnets.ts";
import { createCheckedNetwork } from "./checked-create.ts";
import type { Labels, ObjectNames, Role } from "./labels.ts";
import { undoObject } from "./undo-object.ts";

/** Of the agent and its services, in which the gate is not. */
export interface ServicesNetwork extends ServicesSubnet {
  /** Resolves with the id once it is there */
  readonly id: Promise<string>;
}

/** The ranges are decided before the networks exist, so that containers can be created at the same time. */
export interface BottleNetworks {
  readonly internal: SubnetPlan;
  readonly egress: SubnetPlan;
  /** Resolve with the id once the network is there */
  readonly internalId: Promise<string>;
  readonly egressId: Promise<string>;
  /** Set for a bottle that has services */
  readonly services?: ServicesNetwork | undefined;
  /** Address of the engine's default bridge on its host, where it has one */
  readonly defaultGateway: string | undefined;
}

/** The network that every engine makes for containers that name none */
const defaultNetwork = "bridge";

export interface NetworkRequest {
  readonly names: ObjectNames;
  readonly labels: (role: Role) => Labels;
  /** What the engine has, by one look for all networks of the bottle */
  readonly present: readonly NetworkSummary[];
  /** CIDRs that the host routes already, so that a bottle does not hide a VPN */
  readonly hostRoutes: readonly string[];
  /** Spreads simultaneous starts over the address range */
  readonly seed: number;
}

/** Picks two free /29 ranges and begins to create both networks; their removal is registered with `scope` first. */
export function beginNetworks(engine: Engine, request: NetworkRequest, scope: Scope): BottleNetworks {
  const subnets = pickSubnets(listUsed(request), request.seed);
  // By the id once it is known: a name can be two networks on 20.10
  const known = new Map<string, string>();
  for (const name of [request.names.internal, request.names.egress]) {
    scope.add(undoObject("network", name), () => removeNetwork(engine, known.get(name) ?? name));
  }
  const isFirstMade = Promise.withResolvers<void>();
  const create: Create = (network) =>
    createCheckedNetwork(engine, network, (id) => {
      known.set(network.name, id);
      isFirstMade.resolve();
    });
  // The engine makes one after the other anyway, in an order of its own. The agent waits for the internal one alone
  const internalId = createInternal(engine, request, subnets.internal, create);
  internalId.catch(isFirstMade.reject);
  const egressId = isFirstMade.promise.then(() => createEgress(request, subnets.egress, create));
  for (const made of [internalId, egressId]) {
    // Whoever uses the networks sees the error; until then it must not count as unhandled
    made.catch(() => undefined);
    scope.track(made);
  }
  const bridge = request.present.find((network) => network.name === defaultNetwork);
  return { ...subnets, internalId, egressId, defaultGateway: bridge?.gateways.find(isIpv4) };
}

/** CIDRs that no bottle may have. */
export function listUsed({ present, hostRoutes }: NetworkRequest): string[] {
  return [...present.flatMap((network) => network.subnets), ...hostRoutes];
}

/** Every range that looked free was refused: something that the engine does not list takes them. */
export function noRange(refusal: unknown): BottleError {
  return new BottleError({
    code: "engine-refused",
    message: `Cannot find an address range for the bottle: the engine refused each one that was tried of ${ranges.join(", ")}`,
    details: [messageOf(refusal)],
    hint: 'Run "claude-bottle cleanup", remove networks that nobody uses, or leave a VPN that routes these ranges.',
    cause: refusal,
  });
}

type Create = (network: Parameters<typeof createCheckedNetwork>[1]) => Promise<string>;

function createInternal(
  engine: Engine,
  request: NetworkRequest,
  subnet: SubnetPlan,
  create: Create,
): Promise<string> {
  return create({
    name: request.names.internal,
    internal: true,
    subnet: subnet.subnet,
    gateway: subnet.gateway,
    options: closedOptions(engine),
    labels: request.labels("internal"),
  });
}

/**
 * `Internal` alone still lets the agent reach the host at the bridge's own address, so that address is inhibited on every
 * version, and from API 1.48 on the gateway is isolated too (older engines accept the option and ignore it).
 */
export function closedOptions(engine: Engine): Readonly<Record<string, string>> {
  const options: Record<string, string> = { "com.docker.network.bridge.inhibit_ipv4": "true" };
  if (engine.supports("1.48")) {
    options["com.docker.network.bridge.gateway_mode_ipv4"] = "isolated";
    options["com.docker.network.bridge.gateway_mode_ipv6"] = "isolated";
  }
  return options;
}

function createEgress(request: NetworkRequest, subnet: SubnetPlan, create: Create): Promise<string> {
  return create({
    name: request.names.egress,
    internal: false,
    subnet: subnet.subnet,
    gateway: subnet.gateway,
    options: {},
    labels: request.labels("egress"),
  });
}
