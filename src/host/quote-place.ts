/** Paths in commands that people paste. */
import { quotePath, quotePathAtHome } from "../core/shell-quote.ts";
import type { World } from "./world.ts";

/** As one word: as `shortenPath` writes an absolute path, quoted where it needs it. */
export function quotePlace(path: string, { cwd, home }: Pick<World, "cwd" | "home">): string {
  return path.startsWith(`${cwd}/`) ? quotePath(path.slice(cwd.length + 1)) : quotePathAtHome(path, home);
}
