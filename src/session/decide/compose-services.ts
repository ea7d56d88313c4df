/** The services of a bottle whose manifest names a compose file: those of the file, and the manifest's own in their place. */
import { BottleError } from "../../core/error.ts";
import type { ManifestFile } from "../../core/manifest-file.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { findText } from "../../host/files.ts";
import { shortenPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import type { NotTaken } from "../../manifest/compose/read-compose.ts";
import { waitsForItself } from "../../manifest/services-checks.ts";
import { maxServices } from "../../manifest/services-schema.ts";
import type { BottleEntry } from "../../manifest/manifest.ts";
import { placeBeside } from "./beside-manifest.ts";

export interface ComposedBottle {
  readonly bottle: BottleEntry;
  /** As shown to people; undefined without a compose file */
  readonly compose: { readonly file: string; readonly notTaken: readonly NotTaken[] } | undefined;
}

/** The bottle as it is, unless it names a compose file. */
export async function composeServices(
  bottle: BottleEntry,
  files: readonly ManifestFile[],
  world: Pick<World, "home" | "cwd">,
): Promise<ComposedBottle> {
  const { compose, services = [] } = bottle;
  if (!compose) return { bottle, compose: undefined };
  const path = placeBeside(compose.source, files, world)(compose.path);
  const file = shortenPath(path, world);
  const text = await findText(path);
  if (text === undefined) throw notFound(file, compose.source);
  // Loaded by those who have such a file alone
  const { readCompose } = await import("../../manifest/compose/read-compose.ts");
  const read = await readCompose(text, file);
  const own = new Set(services.map(({ name }) => name));
  const all = [...read.services.filter(({ name }) => !own.has(name)), ...services];
  requireFit(bottle, all, file);
  return { bottle: { ...bottle, services: all }, compose: { file, notTaken: read.notTaken } };
}

/** As the manifest's own services are checked with the manifest. */
function requireFit(bottle: BottleEntry, all: NonNullable<BottleEntry["services"]>, file: string): void {
  const { allowlist, private: lan, inspect, http, tcp = [] } = bottle.egress;
  const hosts = new Set([
    ...[...allowlist, ...lan, ...inspect, ...http, ...tcp].map(({ host }) => host),
    ...bottle.ssh.flatMap(({ host, hostname }) => [host, hostname]),
  ]);
  const names = all.map(({ name }) => name);
  const byName = Object.fromEntries(all.map((one) => [one.name, one]));
  const details = [
    ...names
      .filter((name) => hosts.has(name))
      .map((name) => `${name} is also a host that the bottle may reach`),
    ...names
      .filter((name) => waitsForItself(byName, name))
      .map((name) => `${name} waits for itself, or for a service that waits for it`),
    ...(all.length > maxServices
      ? [`There are ${all.length}, and a bottle has room for ${maxServices}`]
      : []),
  ];
  if (details.length === 0) return;
  throw new BottleError({
    code: "manifest",
    message: `Cannot use the services of ${quote(file)}`,
    details,
    hint: 'Name those that the agent needs under "services" instead of "compose".',
  });
}

function notFound(file: string, source: BottleEntry["source"]): BottleError {
  return new BottleError({
    code: "manifest",
    message: `Cannot find the compose file ${quote(file)}`,
    details: [`${escapeForTerminal(source.file)}:${source.line}:${source.column}  compose`],
    hint: "Its path is relative to the manifest's folder.",
  });
}
