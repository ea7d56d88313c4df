/** Where an entry of the manifest stands, for rows of the preflight. */
import type { SourceRef } from "../manifest/manifest.ts";

/** A project's file is somebody else's until the user has read it, so what it grants stands out. */
export function at(source: SourceRef): string {
  return `${source.file}:${source.line}:${source.column}${source.scope === "project" ? " [project file]" : ""}`;
}
