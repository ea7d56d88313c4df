/** Writing a host that was allowed live into the manifest, where the next start finds it. */
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { replaceManifest } from "../../host/manifest-files.ts";
import type { World } from "../../host/world.ts";
import type { LiveProtocol } from "../../bottle/live.ts";
import type { HostGrant } from "../../manifest/manifest.ts";
import { insertHost } from "../../manifest/insert-entry.ts";
import { parseManifests } from "../../manifest/parse-manifest.ts";
import { carryApproval } from "../../session/decide/carry-approval.ts";
import { readManifest } from "../../session/decide/read-manifest.ts";
import type { ReadManifest } from "../../session/decide/read-manifest.ts";

/** A list under a bottle's `egress` that a host can join */
export type SaveList = "allowlist" | "private" | "http" | "tcp";

export interface SavedPair {
  readonly host: string;
  readonly port: number;
  readonly protocol: LiveProtocol;
  readonly isPrivate: boolean;
}

/** Where a host would be saved. Found before anything is changed, so that a wrong folder is noticed first. */
export interface SavePlace {
  readonly bottle: string;
  readonly list: SaveList;
  readonly read: ReadManifest;
}

/** The lists that a pair has to be in, the one that says what is spoken there first, and how it stands in each. */
function listsFor({ host, port, protocol, isPrivate }: SavedPair): {
  readonly list: SaveList;
  readonly entry: string;
}[] {
  const write = (list: SaveList) => ({ list, entry: port === usualPorts[list] ? host : `${host}:${port}` });
  if (protocol !== "tls") return [write(protocol), ...(isPrivate ? [write("private")] : [])];
  return [write(isPrivate ? "private" : "allowlist")];
}

/** What a list takes a host for that stands there alone */
const usualPorts: Readonly<Record<SaveList, number | undefined>> = {
  allowlist: 443,
  private: 443,
  http: 80,
  tcp: undefined,
};

/** Saves a pair in all of its lists; one sentence each. */
export async function savePair(world: World, bottle: string, pair: SavedPair): Promise<string[]> {
  const said: string[] = [];
  for (const { list, entry } of listsFor(pair))
    said.push(await saveHost(world, await findSavePlace(world, bottle, list), entry));
  return said;
}

/** Finds the bottle's entry in the manifests of the working directory. Throws if it is not there. */
export async function findSavePlace(world: World, bottle: string, list: SaveList): Promise<SavePlace> {
  const read = await readManifest(world);
  if (read.manifest.bottles.has(bottle)) return { bottle, list, read };
  throw new BottleError({
    code: "manifest",
    message: `Cannot save the host: no manifest here defines the bottle ${quote(bottle)}`,
    hint: "Run it in the project that the bottle was started from, or leave --save out.",
  });
}

/**
 * Adds a host, or a host and its port, to the file that defines the bottle; comments and formatting stay, the outcome is checked as a start would, and what was
 * approved stays approved together with it. One sentence.
 */
export async function saveHost(world: World, place: SavePlace, saved: string): Promise<string> {
  const { bottle, list, read } = place;
  const entry = read.manifest.bottles.get(bottle);
  const known = (entry?.egress[list] ?? []).find((grant) => renderGrant(grant) === saved);
  const shownPath = escapeForTerminal(entry?.source.file ?? "");
  if (known && "rules" in known)
    return `${shownPath} allows a part of it under egress.${list}; edit that entry to allow all of it.`;
  if (known) return `${shownPath} already lists it under egress.${list}.`;
  return writeChange(world, place, (text) => insertHost(text, bottle, list, saved));
}

/** Replaces the text of the file that defines the bottle, and carries its approval over. One sentence. */
export async function writeChange(
  world: World,
  { bottle, list, read }: SavePlace,
  change: (text: string) => string,
): Promise<string> {
  const entry = read.manifest.bottles.get(bottle);
  const file = read.files.find((one) => one.shownPath === entry?.source.file);
  if (!entry || !file) throw new Error(`The bottle ${bottle} has no file`);
  const text = change(file.text);
  // In the order of the files, by which an approval knows them
  const files = read.files.map((one) => (one === file ? { ...file, text } : one));
  const after = parseManifests(files);
  await replaceManifest(file.path, file.text, text);
  await carryApproval(world, files, bottle, { before: read.manifest, after });
  return `Saved in ${escapeForTerminal(file.shownPath)} under egress.${list}.`;
}

function renderGrant({ host, port }: HostGrant): string {
  return port === undefined ? host : `${host}:${port}`;
}
