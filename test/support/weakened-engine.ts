/**
 * An engine that takes walls away from one bottle, for tests which must see that somebody notices. It stands between the product and a
 * real engine and edits what the product asks for on its way, so that the product itself has no way to make a weaker bottle. What it
 * has changed it hides when the product reads it back, or that look would refuse the bottle before any other does.
 */
import type { RequestOptions } from "../../src/engine/request.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { connectNetwork } from "../../src/engine/networks.ts";
import { editInput } from "./edited-input.ts";

export type Weakness =
  /** The internal network's bridge keeps its address on the host */
  | "host-address"
  /** The agent is in the sidecar's way out too */
  | "egress-network"
  /** Names are forwarded as the engine does by default, to a resolver of the host's */
  | "dns"
  /** Root with the engine's default capabilities */
  | "capabilities"
  /** The system call filter is off */
  | "seccomp"
  /** The host's cgroups are seen */
  | "cgroups"
  /** The sidecar's kernel may forward */
  | "forwarding"
  /** The agent is in its sibling's network too */
  | "sibling"
  /** A service is in the gate's network too, and the agent in the services' of its sibling */
  | "services"
  /** The internal network has IPv6 */
  | "ipv6"
  /** Something is where the engine's socket would be */
  | "engine-socket"
  /** What is aimed at the sidecar meets a program that says yes to everything: the host's canary, reached by `host-address` */
  | "open-proxy";

type Json = Record<string, unknown>;
interface Body {
  HostConfig: Json;
  [key: string]: unknown;
}

/** `stem` is the name of the agent's container; a sibling of `verify` keeps its walls. */
export function weakenEngine(engine: Engine, stem: string, list: readonly Weakness[]): Engine {
  if (list.length === 0) return engine;
  const weaknesses: ReadonlySet<Weakness> = new Set(list);
  /** By the id of what was made: how the product asked for it */
  const asked = new Map<string, Body>();
  const wrapped: Partial<Engine> = {
    async json<T>(method: string, path: string, options: RequestOptions = {}) {
      const body = options.body as Body | undefined;
      const edited = edit({ path, name: options.query?.["name"], body, stem, weaknesses });
      const answer = await engine.json<T>(method, path, { ...options, ...(edited && { body: edited }) });
      if (edited && body) asked.set((answer as { readonly Id: string }).Id, body);
      return pretend(path, answer as Json, asked) as T;
    },
    async send(method, path, options) {
      await engine.send(method, path, options);
      // Both bottles are up by now
      if (path === `/containers/${stem}-egress/start`) await joinNetworks(engine, stem, weaknesses);
    },
    async hijack(path, options) {
      return editInput(await engine.hijack(path, options), { path, stem, weaknesses });
    },
  };
  return Object.assign(Object.create(engine) as Engine, wrapped);
}

interface Creation {
  readonly path: string;
  readonly name: unknown;
  readonly body: Body | undefined;
  readonly stem: string;
  readonly weaknesses: ReadonlySet<Weakness>;
}

/** The body to send in the place of the product's; undefined if it stays. */
function edit({ path, name, body, stem, weaknesses }: Creation): Body | undefined {
  if (!body) return undefined;
  if (path === "/networks/create" && body["Name"] === `${stem}-internal`)
    return weakenNetwork(body, weaknesses);
  if (path !== "/containers/create") return undefined;
  if (name === stem) return weakenAgent(body, weaknesses);
  if (name === `${stem}-gate` && weaknesses.has("forwarding"))
    return { ...body, HostConfig: { ...body.HostConfig, Sysctls: {} } };
  return undefined;
}

function weakenAgent(body: Body, weaknesses: ReadonlySet<Weakness>): Body {
  const host = { ...body.HostConfig };
  if (weaknesses.has("capabilities")) host["CapDrop"] = [];
  if (weaknesses.has("seccomp")) host["SecurityOpt"] = ["no-new-privileges:true", "seccomp=unconfined"];
  if (weaknesses.has("cgroups")) host["CgroupnsMode"] = "host";
  if (weaknesses.has("engine-socket")) host["Tmpfs"] = { "/run/docker.sock": "rw" };
  if (weaknesses.has("dns")) {
    const endpoints = (body["NetworkingConfig"] as { EndpointsConfig: Json }).EndpointsConfig;
    const [endpoint] = Object.values(endpoints) as { IPAMConfig: { IPv4Address: string } }[];
    host["Dns"] = [gatewayOf(endpoint?.IPAMConfig.IPv4Address ?? "")];
    for (const name of ["DnsOptions", "DnsSearch"]) delete host[name];
  }
  return { ...body, ...(weaknesses.has("capabilities") && { User: "0:0" }), HostConfig: host };
}

/** A bottle's networks are /29, and the gateway is the first address. */
function gatewayOf(address: string): string {
  return address.replace(/\d+$/, (last) => String((Number(last) & ~7) + 1));
}

function weakenNetwork(body: Body, weaknesses: ReadonlySet<Weakness>): Body {
  const ipam = body["IPAM"] as { Config: Json[] };
  return {
    ...body,
    ...(weaknesses.has("host-address") && { Options: {} }),
    ...(weaknesses.has("ipv6") && {
      EnableIPv6: true,
      IPAM: { ...ipam, Config: [...ipam.Config, { Subnet: "fd5c:ba11::/64", Gateway: "fd5c:ba11::1" }] },
    }),
  };
}

/** What was asked for in the place of what there is. A network keeps its real addresses, which the probes are aimed at. */
function pretend(path: string, answer: Json, asked: ReadonlyMap<string, Body>): Json {
  const body = asked.get(String(answer?.["Id"]));
  if (!body) return answer;
  if (path.startsWith("/networks/"))
    return { ...answer, Options: body["Options"], EnableIPv6: body["EnableIPv6"] };
  if (!path.endsWith("/json")) return answer;
  return {
    ...answer,
    Config: { ...(answer["Config"] as Json), User: body["User"] },
    HostConfig: { ...(answer["HostConfig"] as Json), ...body.HostConfig },
  };
}

async function joinNetworks(engine: Engine, stem: string, weaknesses: ReadonlySet<Weakness>): Promise<void> {
  if (weaknesses.has("sibling")) await connectNetwork(engine, `${stem}-sibling-internal`, stem, {});
  if (weaknesses.has("services")) {
    await connectNetwork(engine, `${stem}-internal`, `${stem}-service-verify_probe`, {});
    await connectNetwork(engine, `${stem}-sibling-services`, stem, {});
  }
  if (weaknesses.has("egress-network")) await connectNetwork(engine, `${stem}-egress`, stem, {});
}
