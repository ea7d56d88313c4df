/**
 * Creates containers and networks and reads back what the engine has made of them. Engines accept options that they do not know or
 * cannot do, and leave them out without a word: 20.10 ignores `gateway_mode_ipv4`, an engine without the right cgroup drops limits. A
 * bottle whose wall is missing must not start.
 */
import { BottleError } from "../../core/error.ts";
import { quote } from "../../core/text.ts";
import { createContainer, inspectContainer } from "../../engine/containers.ts";
import type { ContainerConfig } from "../../engine/containers.ts";
import type { Engine } from "../../engine/engine.ts";
import { createNetwork, inspectNetwork } from "../../engine/networks.ts";
import type { NetworkRequest } from "../../engine/networks.ts";
import { findIgnored, findIgnoredInNetwork } from "./read-back.ts";
import type { KeptContainer } from "./read-back.ts";

/** Creates a container and compares it with what was asked for. Its removal must be registered before. */
export async function createCheckedContainer(
  engine: Engine,
  name: string,
  config: ContainerConfig,
): Promise<string> {
  const { id } = await createContainer(engine, name, config);
  const ignored = findIgnored(config, await inspectContainer<KeptContainer>(engine, id));
  if (ignored.length > 0) throw optionsIgnored(`container ${quote(name)}`, ignored);
  return id;
}

/** Creates a network and compares it with what was asked for; returns its id. `onCreated` hears of it before the comparison. */
export async function createCheckedNetwork(
  engine: Engine,
  request: NetworkRequest,
  onCreated: (id: string) => void,
): Promise<string> {
  const id = await createNetwork(engine, request);
  onCreated(id);
  const ignored = findIgnoredInNetwork(request, await inspectNetwork(engine, id));
  if (ignored.length > 0) throw optionsIgnored(`network ${quote(request.name)}`, ignored);
  return id;
}

/** Containers are created by a network's name; 20.10 allows two of one name, so where each has landed is read back by id. */
export async function requireNetworks(
  engine: Engine,
  container: string,
  ids: readonly string[],
): Promise<void> {
  const { NetworkSettings } = await inspectContainer<{
    readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly NetworkID: string }>> };
  }>(engine, container);
  const found = Object.values(NetworkSettings.Networks).map((network) => network.NetworkID);
  if (found.length === ids.length && ids.every((id) => found.includes(id))) return;
  throw optionsIgnored(`container ${quote(container)}`, ["its networks are not those that were made for it"]);
}

function optionsIgnored(what: string, ignored: readonly string[]): BottleError {
  return new BottleError({
    code: "engine-refused",
    message: `Cannot create ${what}: the engine ignored ${ignored.length === 1 ? "an option" : "options"}`,
    details: ignored,
    hint: 'Use Docker Engine 20.10 or later with cgroup support for memory and pids ("docker info" names what is missing).',
  });
}
