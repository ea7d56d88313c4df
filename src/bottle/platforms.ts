/** Platforms a bottle can run on, by the name that `CLAUDE_BOTTLE_PLATFORM` takes. A second one is a folder and a word here. */

export const platformNames = ["docker"] as const;

export type PlatformName = (typeof platformNames)[number];

/** What `CLAUDE_BOTTLE_PLATFORM` may be. */
export function isPlatformName(name: string): name is PlatformName {
  return (platformNames as readonly string[]).includes(name);
}
