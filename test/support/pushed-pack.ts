/** Packs as git sends them in a push, from real repositories. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./git.ts";

/** Of what leads to these commits and not to those; bytes as git wrote them. */
export async function packOf(
  folder: string,
  wanted: readonly string[],
  known: readonly string[] = [],
): Promise<Buffer> {
  const child = Bun.spawn(["git", "pack-objects", "--revs", "--stdout", "--delta-base-offset", "-q"], {
    cwd: folder,
    stdin: Buffer.from([...wanted, ...known.map((one) => `^${one}`), ""].join("\n")),
    stdout: "pipe",
    env: { PATH: process.env["PATH"], HOME: "/nonexistent" },
  });
  return Buffer.from(await new Response(child.stdout).arrayBuffer());
}

/** Ids that git itself finds in a pack, sorted; undefined if it takes it for none. */
export async function indexByGit(folder: string, pack: Buffer): Promise<string[] | undefined> {
  const path = join(folder, `${crypto.randomUUID()}.pack`);
  const [packPath, indexPath] = [path, `${path}.idx`];
  try {
    await writeFile(packPath, pack);
    await git(folder, "index-pack", "-o", indexPath, packPath);
    const shown = Bun.spawn(["git", "show-index"], { stdin: Bun.file(indexPath), stdout: "pipe" });
    const lines = (await new Response(shown.stdout).text()).trim().split("\n");
    return lines.map((line) => line.split(" ")[1] ?? "").toSorted();
  } catch {
    return undefined;
  } finally {
    await Promise.all([packPath, indexPath].map((one) => rm(one, { force: true })));
  }
}

/** Ids and kinds of all objects of a repository that these commits lead to and those do not. */
export async function listObjects(
  folder: string,
  wanted: readonly string[],
  known: readonly string[] = [],
): Promise<string[]> {
  const words = ["rev-list", "--objects", ...wanted, ...known.map((one) => `^${one}`)];
  const lines = await git(folder, ...words);
  return lines
    .split("\n")
    .map((line) => line.slice(0, 40))
    .toSorted();
}
