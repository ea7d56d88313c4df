/** Files and folders for somebody who types a path. */
import { readdir } from "node:fs/promises";
import { isFolder } from "./files.ts";
import { expandPath } from "./world.ts";
import type { World } from "./world.ts";

/** More than anybody reads */
const maxNames = 500;

/** Those that begin as `typed` does, spelled as it begins; folders with a slash. Hidden ones only if the name begins so. */
export async function listBeginning(typed: string, world: Pick<World, "cwd" | "home">): Promise<string[]> {
  const start = typed.slice(0, typed.lastIndexOf("/") + 1);
  const beginning = typed.slice(start.length);
  const folder = start === "" ? world.cwd : expandPath(start, world.home, world.cwd);
  const names = await readdir(folder).catch(() => []);
  const fitting = names
    .filter((name) => name.startsWith(beginning) && (beginning !== "" || !name.startsWith(".")))
    .toSorted()
    .slice(0, maxNames);
  return Promise.all(
    fitting.map(async (name) => `${start}${name}${(await isFolder(`${folder}/${name}`)) ? "/" : ""}`),
  );
}
