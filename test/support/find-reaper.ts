/** The process that watches over a launcher. */
import { readFile } from "node:fs/promises";

/** Id of the shell that waits for the launcher's end. */
export async function findReaper(launcher: number): Promise<number> {
  const children = (await readFile(`/proc/${launcher}/task/${launcher}/children`, "utf8")).trim().split(" ");
  for (const pid of children) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes("claude-bottle-reaper")) return Number(pid);
  }
  throw new Error(`Cannot find the reaper among ${children.join(", ")}`);
}
