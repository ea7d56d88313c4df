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
}

/** GET /version: the engine and the programs that it is made of */
export interface EngineVersion {
  readonly Version: string;
  readonly Components: readonly { readonly Name: string; readonly Version: string }[];
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
  };
}

/** GET /version */
export async function readVersion(engine: Engine): Promise<EngineVersion> {
  const version = await engine.json<Partial<EngineVersion>>("GET", "/version", {
    action: "ask the engine for its version",
  });
  return { Version: version.Version ?? "unknown", Components: version.Components ?? [] };
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
    signal,
  });
  return readJsonStream(response, { action, signal });
}
