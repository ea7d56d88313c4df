/** Networks by the Engine API's own names. Addressed by id once made: 20.10 allows two networks of one name. */
import { EngineError, isNotFound } from "./engine-error.ts";
import { queuedTimeoutMs } from "./engine.ts";
import type { Engine } from "./engine.ts";

export interface NetworkRequest {
  readonly name: string;
  readonly internal: boolean;
  /** CIDR */
  readonly subnet: string;
  readonly gateway: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NetworkSummary {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** CIDRs */
  readonly subnets: readonly string[];
  /** Addresses that bridges have on the engine's host, unless they are inhibited */
  readonly gateways: readonly string[];
}

/** GET /networks/{id}, the part that we read */
export interface NetworkResource {
  readonly Id: string;
  readonly Name: string;
  readonly Labels: Record<string, string> | null;
  readonly Internal?: boolean;
  readonly EnableIPv6?: boolean;
  readonly Options?: Readonly<Record<string, string>> | null;
  readonly IPAM?: { readonly Config: { readonly Subnet?: string; readonly Gateway?: string }[] | null };
  readonly Containers?: Readonly<
    Record<string, { readonly Name: string; readonly IPv4Address?: string }>
  > | null;
}

/** POST /networks/create with an explicit range; returns the id. */
export async function createNetwork(engine: Engine, request: NetworkRequest): Promise<string> {
  const answer = await engine.json<{ Id: string }>("POST", "/networks/create", {
    action: `create network "${request.name}"`,
    timeoutMs: queuedTimeoutMs,
    body: {
      Name: request.name,
      Driver: "bridge",
      CheckDuplicate: true,
      Internal: request.internal,
      EnableIPv6: false,
      IPAM: {
        Driver: "default",
        Config: [{ Subnet: request.subnet, Gateway: request.gateway }],
      },
      Options: request.options,
      Labels: request.labels,
    },
  });
  return answer.Id;
}

/** Removes a network; one that is gone is fine, and endpoints that are still in it are cut off. */
export async function removeNetwork(engine: Engine, id: string): Promise<void> {
  try {
    await deleteNetwork(engine, id);
  } catch (error) {
    if (!hasEndpoints(error)) throw error;
    await disconnectAll(engine, id);
    await deleteNetwork(engine, id);
  }
}

/** POST /networks/{id}/connect */
export async function connectNetwork(
  engine: Engine,
  networkId: string,
  containerId: string,
  endpoint: { readonly ipv4Address?: string; readonly aliases?: readonly string[] },
): Promise<void> {
  await engine.send("POST", `/networks/${networkId}/connect`, {
    action: `connect a container to network "${networkId}"`,
    timeoutMs: queuedTimeoutMs,
    body: {
      Container: containerId,
      EndpointConfig: {
        ...(endpoint.ipv4Address === undefined ? {} : { IPAMConfig: { IPv4Address: endpoint.ipv4Address } }),
        ...(endpoint.aliases === undefined ? {} : { Aliases: endpoint.aliases }),
      },
    },
  });
}

/** POST /networks/{id}/disconnect, whether the container runs or not */
export async function disconnectNetwork(engine: Engine, networkId: string, container: string): Promise<void> {
  await engine.send("POST", `/networks/${networkId}/disconnect`, {
    action: `cut off what is left in network "${networkId}"`,
    body: { Container: container, Force: true },
    timeoutMs: queuedTimeoutMs,
  });
}

/** GET /networks, all or those that carry each of the labels. */
export async function listNetworks(engine: Engine, labels?: readonly string[]): Promise<NetworkSummary[]> {
  const networks = await engine.json<NetworkResource[]>("GET", "/networks", {
    action: "list networks",
    timeoutMs: queuedTimeoutMs,
    query: { filters: labels ? JSON.stringify({ label: labels }) : undefined },
  });
  return networks.map((network) => ({
    id: network.Id,
    name: network.Name,
    labels: network.Labels ?? {},
    subnets: (network.IPAM?.Config ?? []).flatMap((config) => config.Subnet ?? []),
    gateways: (network.IPAM?.Config ?? []).flatMap((config) => config.Gateway ?? []),
  }));
}

/** GET /networks/{id} */
export function inspectNetwork(engine: Engine, id: string): Promise<NetworkResource> {
  return engine.json<NetworkResource>("GET", `/networks/${id}`, { action: `look at network "${id}"` });
}

/** GET /networks/{id}: what it was created with. */
export async function readNetwork(
  engine: Engine,
  id: string,
): Promise<{
  readonly isInternal: boolean;
  readonly gateways: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}> {
  const network = await inspectNetwork(engine, id);
  return {
    isInternal: network.Internal ?? false,
    gateways: (network.IPAM?.Config ?? []).flatMap((config) => config.Gateway ?? []),
    options: network.Options ?? {},
  };
}

/** Addresses of the running containers in a network, by container name. */
export async function listContainerAddresses(
  engine: Engine,
  id: string,
): Promise<ReadonlyMap<string, string>> {
  const network = await inspectNetwork(engine, id);
  const entries = Object.values(network.Containers ?? {});
  return new Map(entries.map((one) => [one.Name, one.IPv4Address?.replace(/\/\d+$/, "") ?? ""]));
}

/** True if a create failed because the range is in use; the engine says so only in words. */
export function isAddressOverlap(error: unknown): boolean {
  return error instanceof EngineError && /overlap|conflicts with network|already in use/i.test(error.state);
}

/** The engine refuses to remove a network in use with 403 and `has active endpoints`. */
function hasEndpoints(error: unknown): boolean {
  return error instanceof EngineError && error.status === 403;
}

async function deleteNetwork(engine: Engine, id: string): Promise<void> {
  try {
    await engine.send("DELETE", `/networks/${id}`, {
      action: `remove network "${id}"`,
      timeoutMs: queuedTimeoutMs,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function disconnectAll(engine: Engine, id: string): Promise<void> {
  const action = `cut off what is left in network "${id}"`;
  try {
    const network = await engine.json<NetworkResource>("GET", `/networks/${id}`, { action });
    for (const [key, endpoint] of Object.entries(network.Containers ?? {})) {
      // `ep-…` is an endpoint whose container is lost; the engine finds it by the endpoint's name only
      const container = key.startsWith("ep-") ? endpoint.Name : key;
      await disconnectNetwork(engine, id, container).catch((error: unknown) => {
        // Of an endpoint that went by itself the engine says so in words, with 500
        if (!(error instanceof EngineError) || !error.state.includes("is not connected to")) throw error;
      });
    }
  } catch (error) {
    // The network or the container went by itself meanwhile
    if (!isNotFound(error)) throw error;
  }
}
