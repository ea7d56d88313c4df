/** Finds the user's settings file: what a variable in each shell's profile would say, kept in one place. */
import { isAbsolute, join } from "node:path";
import { platformNames } from "../bottle/platforms.ts";
import { findText } from "../host/files.ts";
import { shortenPath } from "../host/world.ts";
import type { World } from "../host/world.ts";
import type { KnownSettings, OwnSettings } from "../manifest/own-settings.ts";
import { filterReleases } from "../plan/filter-releases.ts";

/** What the file may hold. */
export const knownSettings: KnownSettings = {
  filter: filterReleases.map((one) => one.name),
  platform: platformNames,
};

/** `$XDG_CONFIG_HOME/claude-bottle/settings.jsonc`, by default below ~/.config */
export function settingsPath({ env, home }: Pick<World, "env" | "home">): string {
  const folder = env["XDG_CONFIG_HOME"] ?? "";
  return join(isAbsolute(folder) ? folder : join(home, ".config"), "claude-bottle/settings.jsonc");
}

/**
 * What is in it; nothing if there is no file. It is not read where variables decide everything: what a session leaves to clean up must not
 * depend on what was typed into a file since.
 */
export async function readSettingsFile(world: Pick<World, "env" | "home" | "cwd">): Promise<OwnSettings> {
  if (world.env["CLAUDE_BOTTLE_FILTER"] && world.env["CLAUDE_BOTTLE_PLATFORM"]) return {};
  const path = settingsPath(world);
  const text = await findText(path);
  if (text === undefined) return {};
  const { parseOwnSettings } = await import("../manifest/own-settings.ts");
  return parseOwnSettings(text, shortenPath(path, world), knownSettings);
}
