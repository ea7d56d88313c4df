/** Where Claude Code on this machine keeps what is the user's. */
import { resolve } from "node:path";
import type { World } from "./world.ts";

/** Absolute: what `CLAUDE_CONFIG_DIR` says, as for Claude Code itself, and `~/.claude` without it. */
export function findClaudeFolder({ env, home, cwd }: Pick<World, "env" | "home" | "cwd">): string {
  const configured = env["CLAUDE_CONFIG_DIR"];
  return configured ? resolve(cwd, configured) : `${home}/.claude`;
}
