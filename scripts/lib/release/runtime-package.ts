/** The runtimes that binaries are made of: archives of the npm registry, brought by npm and checked against the digests in the table. */
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "../run-tool.ts";
import { runtimeVersion } from "./targets.ts";
import type { ReleaseTarget } from "./targets.ts";

/** Path of the target's runtime. Kept in `cache` under its digest, so that a second release fetches nothing. */
export async function ensureRuntime(target: ReleaseTarget, cache: string): Promise<string> {
  const key = createHash("sha256").update(`${target.package} ${target.integrity}`).digest("hex").slice(0, 16);
  const place = join(cache, `${target.name}-${key}`);
  const runtime = join(place, "bun");
  if (await exists(runtime)) return runtime;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, ".draft-"));
  try {
    // With the package's scripts left alone: an archive is all that is wanted
    await runTool(["npm", "pack", "--silent", "--ignore-scripts", `${target.package}@${runtimeVersion}`], {
      cwd: draft,
    });
    const archive = join(draft, (await readdir(draft))[0] ?? "");
    requireIntegrity(await readFile(archive), target);
    await runTool(["tar", "-xzf", archive, "-C", draft, "--strip-components=2", "package/bin/bun"], {
      cwd: draft,
    });
    await chmod(join(draft, "bun"), 0o755);
    await rm(archive);
    await rm(place, { recursive: true, force: true });
    await rename(draft, place);
    return runtime;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** What npm verified against the registry's word is verified against ours: a registry may be anybody's mirror. */
export function requireIntegrity(
  archive: Uint8Array,
  target: Pick<ReleaseTarget, "package" | "integrity">,
): void {
  const found = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
  if (found === target.integrity) return;
  throw new Error(
    `Cannot use ${target.package}@${runtimeVersion}: its digest is ${found}, and the table says ${target.integrity}`,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
