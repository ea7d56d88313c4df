/** The folder that a release is made in. */
import { mkdir, readdir, rm } from "node:fs/promises";

/** Makes it, in place of an earlier release. Throws for a folder with anything else in it: a slip in --out must not cost what is there. */
export async function emptyReleaseFolder(out: string, isOurs: (name: string) => boolean): Promise<void> {
  const foreign = (await listNames(out)).find((name) => !isOurs(name));
  if (foreign !== undefined)
    throw new Error(`Cannot make a release in "${out}": it holds "${foreign}", which is no part of one`);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
}

async function listNames(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
