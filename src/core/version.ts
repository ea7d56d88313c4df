/** What this build calls itself. Replaced at build time; see `scripts/build.ts`. */

declare const CLAUDE_BOTTLE_VERSION: string | undefined;

export const version: string =
  typeof CLAUDE_BOTTLE_VERSION === "string" ? CLAUDE_BOTTLE_VERSION : "0.1.0-dev";
