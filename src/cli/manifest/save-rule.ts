/** Writing a rule into the manifest: into the entry of its host where there is one, or as a new entry. */
import type { World } from "../../host/world.ts";
import { insertRule } from "../../manifest/insert-entry.ts";
import { findSavePlace, writeChange } from "./save-host.ts";

export interface SavedRule {
  readonly host: string;
  readonly rule: string;
}

/** One sentence, as `saveHost`. */
export async function saveRule(world: World, bottle: string, { host, rule }: SavedRule): Promise<string> {
  const place = await findSavePlace(world, bottle, "allowlist");
  const grants = place.read.manifest.bottles.get(bottle)?.egress.allowlist ?? [];
  const known = grants.filter((one) => one.host === host && (one.port ?? 443) === 443);
  if (known.some((one) => !one.rules)) return `The manifest allows all of ${host} already.`;
  if (known.some((one) => one.rules?.lines.some(({ text }) => text === rule)))
    return `The manifest has this rule for ${host} already.`;
  return writeChange(world, place, (text) => insertRule(text, bottle, host, rule));
}
