/** The manifest of where the command was run, or an error that shows a newcomer the way. */
import { BottleError } from "../../core/error.ts";
import type { ManifestFile } from "../../core/manifest-file.ts";
import { manifestName, readManifestFiles } from "../../host/manifest-files.ts";
import type { World } from "../../host/world.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { listIncludes } from "../../manifest/includes.ts";
import { parseManifests } from "../../manifest/parse-manifest.ts";

export interface ReadManifest {
  readonly files: readonly ManifestFile[];
  readonly manifest: Manifest;
}

/** Finds, reads, checks and merges. Throws if there is no file, or if any has a problem. */
export async function readManifest(world: World): Promise<ReadManifest> {
  const files = await readManifestFiles(world, listIncludes);
  if (files.length === 0) {
    throw new BottleError({
      code: "manifest",
      message: `Cannot find a manifest: there is no ${manifestName} in this project and none in ${world.home}`,
      hint: 'Make one with "claude-bottle init".',
    });
  }
  return { files, manifest: parseManifests(files) };
}
