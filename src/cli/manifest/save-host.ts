/** Writing a host that was allowed live into the manifest, where the next start finds it. */
import { BottleError } from "../../core/error.ts";
import { escapeForTerminal, quote } from "../../core/text.ts";
import { replaceManifest } from "../../host/manifest-files.ts";
import type { World } from "../../host/world.ts";
import { insertHost } from "../../manifest/insert-entry.ts";
import { parseManifests } from "../../manifest/parse-manifest.ts";
import { carryApproval } from "../../session/decide/carry-approval.ts";
import { readManifest } from "../../session/decide/read-manifest.ts";
import type { ReadManifest } from "../../session/decide/read-manifest.ts";

/** A list under a bottle's `egress` that a host can join */
export type SaveList = "allowlist" | "private" | "http";

/** Where a host would be saved. Found before anything is changed, so that a wrong folder is noticed first. */
export interface SavePlace {
  readonly bottle: string;
  readonly list: SaveList;
  readonly read: ReadManifest;
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
 * Adds the host to the file that defines the bottle; comments and formatting stay, the outcome is checked as a start would, and what was
 * approved stays approved together with it. One sentence.
 */
export async function saveHost(world: World, place: SavePlace, host: string): Promise<string> {
  const { bottle, list, read } = place;
  const entry = read.manifest.bottles.get(bottle);
  const file = read.files.find((one) => one.scope === entry?.source.scope);
  if (!entry || !file) throw new Error(`The bottle ${bottle} has no file`);
  const shownPath = escapeForTerminal(file.shownPath);
  if (entry.egress[list].some((grant) => grant.host === host && grant.port === undefined))
    return `${shownPath} already lists it under egress.${list}.`;
  const text = insertHost(file.text, bottle, list, host);
  // In the order of the files, by which an approval knows them
  const files = read.files.map((one) => (one === file ? { ...file, text } : one));
  const after = parseManifests(files);
  await replaceManifest(file.path, file.text, text);
  await carryApproval(world, files, bottle, { before: read.manifest, after });
  return `Saved in ${shownPath} under egress.${list}.`;
}
