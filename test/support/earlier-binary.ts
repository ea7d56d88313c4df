/** A binary of an earlier commit, built from the repository's own history: what an upgrade finds on a machine. */
import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

export interface EarlierBinary {
  readonly path: string;
  remove(): Promise<void>;
}

/** Builds it in a folder of its own; a text says why it cannot be had, as from a shallow clone. */
export async function buildEarlier(commit: string): Promise<EarlierBinary | string> {
  const isKnown = Bun.spawnSync(["git", "cat-file", "-e", `${commit}^{commit}`], {
    cwd: root,
    stderr: "ignore",
  });
  if (isKnown.exitCode !== 0) return `The history of this repository does not hold commit ${commit}`;
  const folder = await realpath(await mkdtemp(join(tmpdir(), "bottle-earlier-")));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    // No worktree of git's, which would leave its name in the repository
    await Bun.$`git -C ${root} archive ${commit} | tar -x -C ${folder}`.quiet();
    await mkdir(join(folder, "dist"));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
    await Bun.$`${process.execPath} scripts/build.ts`.cwd(folder).quiet();
  } catch (error) {
    await remove();
    throw error;
  }
  return { path: join(folder, "dist/claude-bottle"), remove };
}
