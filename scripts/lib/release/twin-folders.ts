/** Two copies of the sources in folders of their own, each with packages of its own: a build that knows where it was made differs in them. */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "../run-tool.ts";

/** All that a build reads */
const sources = ["src", "scripts", "package.json", "bun.lock", "bunfig.toml", "tsconfig.json"];

export interface TwinFolders {
  readonly folders: readonly [string, string];
  remove(): Promise<void>;
}

/**
 * The second is a copy of the first, so that an edit meanwhile does not look like a difference. Packages of development are installed
 * too: some of what is built in is among them.
 */
export async function makeTwinFolders(root: string): Promise<TwinFolders> {
  const parent = await mkdtemp(join(tmpdir(), "claude-bottle-release-"));
  const folders = [join(parent, "a"), join(parent, "another-one")] as const;
  const remove = () => rm(parent, { recursive: true, force: true });
  try {
    for (const [from, to] of [
      [root, folders[0]],
      [folders[0], folders[1]],
    ] as const) {
      for (const name of sources) await cp(join(from, name), join(to, name), { recursive: true });
    }
    for (const folder of folders) {
      await runTool([process.execPath, "install", "--frozen-lockfile", "--no-progress"], {
        cwd: folder,
      });
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { folders, remove };
}
