/** Puts together what a gate with secrets of its own needs: the certificate, the authorities to believe, the watch over placeholders. */
import { readFile } from "node:fs/promises";
import { makeHostCertificate } from "./bound-certificate.ts";
import { makeBoundHosts } from "./bound-host.ts";
import type { BoundHosts, BoundHostsOptions } from "./bound-host.ts";
import { findPlaceholders } from "./bound-watch.ts";
import type { WatchedPlaceholder } from "./bound-watch.ts";
import { GateFailure } from "./failure.ts";
import { tokenPlaceholder } from "../../protocol/gate.ts";
import type { GateConfiguration } from "../../protocol/gate.ts";
import type { WayOut } from "./way-out.ts";

/** Of the sidecar's image; a company's own CA gets there by CLAUDE_BOTTLE_CA_CERTS */
const systemStore = "/etc/ssl/certs/ca-certificates.crt";

/** PEM of the authorities that vouch for hosts; undefined for those that Node brings. */
export function readTrusted(): Promise<string | undefined> {
  return readFile(systemStore, "utf8").catch(() => undefined);
}

export interface SecretKeeping {
  /** Undefined if no secret is bound to a host */
  readonly bound: BoundHosts | undefined;
  /** Is shown every request head with where it wants to go */
  readonly onHead: (head: string, host: string) => void;
  /** All placeholders of the bottle */
  readonly watched: readonly WatchedPlaceholder[];
}

/** From the gate's configuration to what holds its secrets and watches for their placeholders. */
export async function keepSecrets(
  configuration: GateConfiguration,
  wayOut: WayOut,
  { uses, ruling, lookAt, bounds }: Pick<BoundHostsOptions, "uses" | "ruling" | "lookAt" | "bounds">,
): Promise<SecretKeeping> {
  const { secrets = [], api, inspect } = configuration;
  const name = api?.credential.name;
  const watched: WatchedPlaceholder[] = [
    ...secrets,
    ...(name === undefined ? [] : [{ name, placeholder: tokenPlaceholder }]),
  ];
  const onHead = (head: string, host: string) => {
    for (const found of findPlaceholders(head, watched)) uses.blocked(found, host, "connect");
  };
  if (secrets.length === 0) return { bound: undefined, onHead, watched };
  if (!inspect) throw new GateFailure("there are secrets for hosts, but no place for the CA");
  const hosts = [...new Set(secrets.flatMap((one) => one.hosts))];
  const [certificate, trusted] = await Promise.all([
    makeHostCertificate(inspect.caDirectory, hosts),
    readTrusted(),
  ]);
  const rest = { wayOut, uses, ruling, lookAt, bounds };
  return { bound: makeBoundHosts({ secrets, watched, certificate, trusted, ...rest }), onHead, watched };
}
