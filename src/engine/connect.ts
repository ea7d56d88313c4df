/** Finding the engine: tries the places in order, negotiates the API version, and says why each place failed if none answers. */
import { request } from "./request.ts";
import { BottleError } from "../core/error.ts";
import { escapeForTerminal } from "../core/text.ts";
import { findEndpoints } from "./endpoint.ts";
import type { EndpointWorld } from "./endpoint-world.ts";
import type { Endpoint, SshEndpoint } from "./endpoint.ts";
import { EngineError } from "./engine-error.ts";
import { isAtLeast, makeEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { findProduct } from "./system.ts";
import { noEngine } from "./unreachable.ts";

/** Engine 20.10, the oldest that was tested */
const oldestApiVersion = "1.41";
/** Engine 28, the newest whose answers were tested; a newer engine serves it too, until its oldest one is newer still */
const newestApiVersion = "1.51";
const versionPattern = /^\d{1,4}\.\d{1,4}$/;
const pingTimeoutMs = 3_000;
/** Where there is no other place to try, an engine under load gets its time */
const onlyPlaceTimeoutMs = 30_000;

/** Connects to the first place that answers. Throws one error that lists every place tried. */
export async function connectEngine(world: EndpointWorld): Promise<Engine> {
  const endpoints = await findEndpoints(world);
  return connectToFirst(endpoints, endpoints.length === 1 ? onlyPlaceTimeoutMs : pingTimeoutMs, world);
}

/** As `connectEngine`, for places that are known. */
export async function connectToFirst(
  endpoints: readonly (Endpoint | SshEndpoint)[],
  timeoutMs = pingTimeoutMs,
  { env, platform }: Pick<EndpointWorld, "env" | "platform"> = { env: {}, platform: "linux" },
): Promise<Engine> {
  const failures: string[] = [];
  let isDenied = false;
  for (const endpoint of endpoints) {
    try {
      return await ping(await bringHere(endpoint, env), timeoutMs);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      isDenied ||= error.reason === "denied";
      failures.push(`${escapeForTerminal(endpoint.shown)} (${endpoint.origin}): ${error.state}`);
    }
  }
  throw noEngine({ failures, isDenied, platform });
}

async function bringHere(found: Endpoint | SshEndpoint, env: EndpointWorld["env"]): Promise<Endpoint> {
  if (found.kind !== "ssh") return found;
  const { openSshForward } = await import("./ssh-forward.ts");
  const { shown, origin, target } = found;
  return { kind: "unix", socketPath: await openSshForward(target, env), shown, origin };
}

/**
 * The newest that both know. An engine that has given up all that were tested is spoken to in its oldest one: what it makes is read back
 * and tried at each start anyway, and a wall that is not there ends the start.
 */
async function chooseVersion(endpoint: Endpoint, offered: string, timeoutMs: number): Promise<string> {
  if (!isAtLeast(offered, newestApiVersion)) return offered;
  if (offered === newestApiVersion) return offered;
  const oldest = await findOldestVersion(endpoint, timeoutMs).catch(() => undefined);
  return oldest !== undefined && isAtLeast(oldest, newestApiVersion) ? oldest : newestApiVersion;
}

/** Asked without a version, since each could be one that is refused. */
async function findOldestVersion(endpoint: Endpoint, timeoutMs: number): Promise<string | undefined> {
  const action = "ask the engine which versions of its API it speaks";
  const response = await request(endpoint, "GET", "/version", { action, timeoutMs });
  const { MinAPIVersion: oldest } = (await response.json()) as { readonly MinAPIVersion?: unknown };
  return typeof oldest === "string" && versionPattern.test(oldest) ? oldest : undefined;
}

/** `_ping` is the cheapest call, and its headers carry the API version and the builder. */
async function ping(endpoint: Endpoint, timeoutMs: number): Promise<Engine> {
  const response = await request(endpoint, "GET", "/_ping", { action: "reach the engine", timeoutMs });
  await response.body?.cancel();
  const offered = response.headers.get("Api-Version");
  if (!offered || !versionPattern.test(offered)) {
    throw new EngineError({
      action: "reach the engine",
      state: "something answers, but it is not a container engine",
    });
  }
  if (!isAtLeast(offered, oldestApiVersion)) {
    throw new BottleError({
      code: "engine-refused",
      message: `Cannot use the engine at ${escapeForTerminal(endpoint.shown)}: its API version ${offered} is older than ${oldestApiVersion}`,
      hint: "Update to Docker Engine 20.10 or newer.",
    });
  }
  const version = await chooseVersion(endpoint, offered, timeoutMs);
  const builder = response.headers.get("Builder-Version") === "2" ? "2" : "1";
  const engine = makeEngine(endpoint, version, builder);
  // Docker says who it is with every answer; whoever does not is asked
  const isDocker = response.headers.get("Server")?.startsWith("Docker/") === true;
  return isDocker ? engine : { ...engine, product: await findProduct(engine) };
}
