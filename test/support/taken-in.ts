/** A folder as a bottle would find it: what goes in, unpacked by tar into a temporary folder, without a container. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FileEntry } from "../../src/core/file-entry.ts";
import { streamTar } from "../../src/archive/tar-stream.ts";
import { readWorkspace } from "../../src/host/workspace/workspace.ts";
import type { Workspace, WorkspaceOptions } from "../../src/host/workspace/workspace.ts";
import { aFolder, aWorld } from "./temporary.ts";

export interface TakenIn {
  /** Absolute */
  readonly folder: string;
  /** What went in of each repository, as beside a workspace */
  readonly wentIn: string;
  readonly workspace: Workspace;
}

/** Everything a start with `--cwd` does with a folder. `env` is added to a test's own. */
export async function takenIn(
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  options?: WorkspaceOptions,
): Promise<TakenIn> {
  const world = await aWorld();
  const workspace = await readWorkspace({ cwd, ...world, env: { ...world.env, ...env } }, options);
  const root = await aFolder();
  const stream = streamTar(
    [],
    [
      { prefix: "w", files: workspace.entries(), uid: process.getuid?.() ?? 0 },
      { prefix: "n", files: workspace.wentIn(), uid: process.getuid?.() ?? 0 },
    ],
  );
  await mkdir(join(root, "w"), { recursive: true });
  await mkdir(join(root, "n"), { recursive: true });
  const child = Bun.spawn(["tar", "-x", "--preserve-permissions", "-C", root], {
    stdin: stream,
    stderr: "inherit",
  });
  if ((await child.exited) !== 0) throw new Error("tar failed");
  return { folder: join(root, "w"), wentIn: join(root, "n"), workspace };
}

/** The content of an entry, however it is given. */
export async function contentOf(entry: FileEntry): Promise<Buffer> {
  if (!entry.open) return Buffer.from((await entry.read?.()) ?? "");
  const opened = await entry.open();
  return Buffer.concat([...opened.pieces()].map((piece) => Buffer.from(piece)));
}
