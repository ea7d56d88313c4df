/**
 * Hosts that are reachable without a manifest entry: only what Claude Code itself cannot work without. Everything else it would
 * like to reach (updates, telemetry, plugin market) is switched off in the bottle's environment.
 */
import { apiHost } from "../core/claude-api.ts";
import type { AuthMode } from "../manifest/manifest.ts";

export interface BuiltInHost {
  readonly host: string;
  readonly reason: string;
}

export { apiHost };

/** Measured with Claude Code 2.1.330: with nonessential traffic off, this is the only host it contacts. */
const apiAccess: BuiltInHost = {
  host: apiHost,
  reason: "the Claude API, with the token inside the bottle (auth: env)",
};

/** Hosts the agent itself may reach. With `gate` there are none: the gate makes the API calls. */
export function builtInHosts(auth: AuthMode): readonly BuiltInHost[] {
  return auth === "env" ? [apiAccess] : [];
}

/** Hosts only the sidecar may reach on the agent's behalf. */
export function sidecarHosts(auth: AuthMode): readonly BuiltInHost[] {
  return auth === "gate"
    ? [{ host: apiHost, reason: "the Claude API, through the gate with your token" }]
    : [];
}
