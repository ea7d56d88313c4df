/** The files that a bottle names, looked at on this machine. */
import { findClaudeFolder } from "../../host/claude-folder.ts";
import { readNamedFiles } from "../../host/named-files.ts";
import type { NamedFiles } from "../../host/named-files.ts";
import type { World } from "../../host/world.ts";
import type { FilesEntry } from "../../manifest/manifest.ts";
import type { FilesPlan } from "../../plan/plan.ts";

/** In the manifest's order. Throws for one that does not go in, with its place in the manifest. */
export function readBottleFiles(world: World, files: readonly FilesEntry[] = []): Promise<NamedFiles[]> {
  const requests = files.map(({ target, from, source }) => ({
    target,
    from,
    place: `${source.file}:${source.line}:${source.column}`,
  }));
  return readNamedFiles(requests, { home: world.home, claudeFolder: findClaudeFolder(world) });
}

/** As the plan has them. */
export function planFiles(read: readonly NamedFiles[], entries: readonly FilesEntry[] = []): FilesPlan[] {
  return read.flatMap(({ target, from, path, files, bytes, digest, leftOut }, index) => {
    const source = entries[index]?.source;
    return source ? [{ target, from, path, files, bytes, digest, leftOut, source }] : [];
  });
}
