/** A copy of the checkout below the system's temporary folder, in which one file at a time is changed. */
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bundledFolder } from "../../bundle-sidecar.ts";
import { runTool, tryTool } from "../run-tool.ts";

/** Gone when it is disposed of; not before what runs in it has ended, or that would write it again. */
export interface Copy extends AsyncDisposable {
  readonly root: string;
  /** For what tests make */
  readonly temporary: string;
  /** Runs something while a file has this text; `isBundled` for what is embedded as a bundle. Undefined if it does not bundle. */
  withText<T>(file: string, text: string, isBundled: boolean, use: () => Promise<T>): Promise<T | undefined>;
}

const packages = "node_modules";

export async function makeCopy(checkout: string): Promise<Copy> {
  const folder = await mkdtemp(join(tmpdir(), "mutate-"));
  const root = join(folder, "checkout");
  const temporary = join(folder, "tmp");
  await mkdir(temporary);
  // Programs of other users are run in there, too
  await chmod(folder, 0o711);
  await chmod(temporary, 0o1777);
  const listed = await runTool(["git", "ls-files", "-z", "-co", "--exclude-standard"], { cwd: checkout });
  for (const path of listed.split("\0").filter((one) => one !== "" && one !== packages)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    // Not there where it was removed and this has not been staged
    await cp(join(checkout, path), join(root, path), { verbatimSymlinks: true }).catch(() => {});
  }
  await symlink(join(checkout, packages), join(root, packages));
  await cp(join(checkout, bundledFolder), join(root, bundledFolder), { recursive: true });
  return {
    root,
    temporary,
    withText: (...words) => withText(root, ...words),
    async [Symbol.asyncDispose]() {
      await unmountBelow(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A test that failed half way leaves its small disk mounted, and what is mounted cannot be removed. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = await readFile("/proc/self/mounts", "utf8").catch(() => "");
  const paths = mounts.split("\n").map((line) => line.split(" ")[1] ?? "");
  for (const path of paths.filter((one) => one.startsWith(`${folder}/`)).toReversed())
    await tryTool(["umount", path], { cwd: "/" });
}

async function withText<T>(
  root: string,
  file: string,
  text: string,
  isBundled: boolean,
  use: () => Promise<T>,
): Promise<T | undefined> {
  const path = join(root, file);
  const before = await readFile(path, "utf8");
  await writeFile(path, text);
  try {
    if (isBundled && !(await bundle(root))) return undefined;
    return await use();
  } finally {
    await writeFile(path, before);
    if (isBundled) await bundle(root);
  }
}

async function bundle(root: string): Promise<boolean> {
  const { exitCode } = await tryTool([process.execPath, "scripts/bundle-sidecar.ts"], { cwd: root });
  return exitCode === 0;
}
