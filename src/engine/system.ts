/** What the engine says about itself. */
import type { Engine } from "./engine.ts";
import { readJsonStream } from "./json-stream.ts";

/** The part of GET /info that decides something */
export interface EngineInfo {
  readonly ID: string;
  readonly ServerVersion: string;
  readonly KernelVersion: string;
  readonly OperatingSystem: string;
  readonly DefaultRuntime: string;
  readonly Runtimes: Readonly<
    Record<string, { readonly path?: string; readonly runtimeArgs?: readonly string[] }>
  >;
  readonly SecurityOptions: readonly string[];
  readonly NCPU: number;
  /** Bytes */
  readonly MemTotal: number;
  /** Where images and containers are, on the engine's own host */
  readonly DockerRootDir?: string;
  /** False where the kernel cannot limit memory, or processes */
  readonly MemoryLimit?: boolean;
  readonly PidsLimit?: boolean;
  /** Packets within a bridge pass the host's filter, which notes their connections; not told by API 1.50 and later */
  readonly BridgeNfIptables?: boolean;
}

/** GET /version: the engine and the programs that it is made of */
export interface EngineVersion {
  readonly Version: string;
  readonly Components: readonly { readonly Name: string; readonly Version: string }[];
  /** The product as a whole: `Docker Desktop 4.44.3 (202357)` */
  readonly Platform?: { readonly Name?: string };
}

/** One line of GET /events */
export interface EngineEvent {
  /** `container`, `network`, … */
  readonly Type: string;
  /** `die`, `oom`, … */
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** GET /info. Costs the engine some milliseconds; ask once. */
export async function readInfo(engine: Engine): Promise<EngineInfo> {
  const info = await engine.json<Partial<EngineInfo>>("GET", "/info", {
    action: "ask the engine about itself",
  });
  return {
    ID: info.ID ?? "",
    ServerVersion: info.ServerVersion ?? "unknown",
    KernelVersion: info.KernelVersion ?? "unknown",
    OperatingSystem: info.OperatingSystem ?? "unknown",
    DefaultRuntime: info.DefaultRuntime ?? "runc",
    Runtimes: info.Runtimes ?? {},
    SecurityOptions: info.SecurityOptions ?? [],
    NCPU: info.NCPU ?? 0,
    MemTotal: info.MemTotal ?? 0,
    DockerRootDir: info.DockerRootDir ?? "",
    MemoryLimit: info.MemoryLimit ?? true,
    PidsLimit: info.PidsLimit ?? true,
    BridgeNfIptables: info.BridgeNfIptables ?? false,
  };
}

/** GET /_ping, answered before anything else of an engine works; false if it is not answered in time */
export function answers(engine: Engine, timeoutMs: number): Promise<boolean> {
  return engine.send("GET", "/_ping", { action: "reach the engine", timeoutMs }).then(
    () => true,
    () => false,
  );
}

/** GET /version */
export async function readVersion(engine: Engine): Promise<EngineVersion> {
  const version = await engine.json<Partial<EngineVersion>>("GET", "/version", {
    action: "ask the engine for its version",
  });
  return {
    Version: version.Version ?? "unknown",
    Components: version.Components ?? [],
    Platform: version.Platform ?? {},
  };
}

/** Podman calls itself a component of its own; an engine that cannot be asked counts as what it is taken for. */
export async function findProduct(engine: Engine): Promise<Engine["product"]> {
  const { Components } = await readVersion(engine).catch(() => ({ Components: [] }));
  return Components.some((one) => one.Name.startsWith("Podman")) ? "podman" : "docker";
}

/**
 * GET /events that match all filters (`{ label: ["key=value"], event: ["die"] }`). Returns once the engine has answered; the stream
 * ends with the signal's reason, or as an `EngineError` if the engine goes away.
 */
export async function openEvents(
  engine: Engine,
  filters: Readonly<Record<string, readonly string[]>>,
  signal?: AbortSignal,
): Promise<AsyncIterable<EngineEvent>> {
  const action = "follow the engine's events";
  const response = await engine.open("GET", "/events", {
    action,
    query: { filters: JSON.stringify(filters) },
    headTimeoutMs: 60_000,
    signal,
  });
  return readJsonStream(response, { action, signal });
}
