/** The outside as endpoint discovery sees it, built from a few values. */
import { createHash } from "node:crypto";
import type { EndpointWorld } from "../../src/engine/endpoint-world.ts";

export interface WorldParts {
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly platform?: string;
  /** Contents by absolute path */
  readonly files?: Readonly<Record<string, string>>;
}

/** User "u" with the home /home/u, on Linux, without files or environment. */
export function makeEndpointWorld(parts: WorldParts = {}): EndpointWorld {
  return {
    env: parts.env ?? {},
    home: "/home/u",
    uid: parts.uid ?? 1000,
    platform: parts.platform ?? "linux",
    readFile: (path) => Promise.resolve(parts.files?.[path]),
  };
}

/** The files of a docker CLI that has a context, current or not. */
export function contextFiles(
  name: string,
  metadata: unknown,
  options: {
    readonly folder?: string;
    readonly isCurrent?: boolean;
    readonly tls?: Readonly<Record<string, string>>;
  } = {},
): Record<string, string> {
  const folder = options.folder ?? "/home/u/.docker";
  const id = createHash("sha256").update(name).digest("hex");
  const tls = Object.entries(options.tls ?? {}).map(([file, text]) => [
    `${folder}/contexts/tls/${id}/docker/${file}`,
    text,
  ]);
  return {
    [`${folder}/contexts/meta/${id}/meta.json`]:
      typeof metadata === "string" ? metadata : JSON.stringify(metadata),
    ...(options.isCurrent === false
      ? {}
      : { [`${folder}/config.json`]: JSON.stringify({ auths: {}, currentContext: name }) }),
    ...Object.fromEntries(tls),
  };
}
