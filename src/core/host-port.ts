/** A host with or without a port, as a manifest names it. */
import { parseHostName, parseHostPattern } from "./host-name.ts";

/** The machine that the engine runs on, as a bottle names it: nothing of it is open but the ports that are named */
export const engineHost = "host.bottle";

export interface HostPort {
  /** Canonical name or `*.name` */
  readonly host: string;
  readonly port: number | undefined;
}

export type HostPortResult =
  | ({ readonly ok: true } & HostPort)
  | { readonly ok: false; readonly problem: string };

const maxPort = 65_535;

/** Reads `name`, `*.name`, and either with `:port`. */
export function parseHostPort(text: string): HostPortResult {
  return parse(text, parseHostPattern);
}

/** Reads `name:port`: no pattern, and not without a port. */
export function parseExactPair(text: string): HostPortResult {
  if (text.startsWith("*")) return { ok: false, problem: "it is a pattern; name each host" };
  const parsed = parse(text, parseHostName);
  return parsed.ok && parsed.port === undefined
    ? { ok: false, problem: `it has no port; write "${parsed.host}:5432" with the port that it is` }
    : parsed;
}

function parse(text: string, parseHost: typeof parseHostName): HostPortResult {
  const [, name = text, digits] = /^([^:[\]/]+):([^:/]*)$/.exec(text) ?? [];
  const parsed = parseHost(name);
  if (!parsed.ok) return parsed;
  const port = digits === undefined ? undefined : Number(digits);
  if (digits !== undefined && (!/^[1-9]\d{0,4}$/.test(digits) || Number(digits) > maxPort))
    return { ok: false, problem: `its port is no number from 1 to ${maxPort}` };
  if (parsed.host === engineHost && port === undefined)
    return {
      ok: false,
      problem: `it is the engine's own machine; name the port, as in "${engineHost}:3000"`,
    };
  return { ok: true, host: parsed.host, port };
}
