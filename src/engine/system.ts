/** What the engine says about itself. */
import type { Engine } from "./engine.ts";

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
  };
}
