/** A path that a manifest names is relative to the folder of the manifest that names it. */
import { dirname, resolve } from "node:path";
import type { ManifestFile } from "../../core/manifest-file.ts";
import { expandPath } from "../../host/world.ts";
import type { World } from "../../host/world.ts";
import type { SourceRef } from "../../manifest/manifest.ts";

/** Gives absolute paths. `source` is where the manifest names them. */
export function placeBeside(
  { scope, file: shown }: Pick<SourceRef, "scope" | "file">,
  files: readonly ManifestFile[],
  world: Pick<World, "home" | "cwd">,
): (path: string) => string {
  const manifest =
    files.find((file) => file.shownPath === shown) ?? files.find((file) => file.scope === scope);
  const base = manifest ? dirname(manifest.path) : world.cwd;
  return (path) => resolve(expandPath(path, world.home, base));
}
