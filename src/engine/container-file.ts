/** Reading files out of a container. */
import type { Engine } from "./engine.ts";
import { readBody } from "./response-body.ts";
import { withRetries } from "./retry.ts";
import { readTarFile } from "../archive/small-tar.ts";

/** For the whole of it: a long session's transcript comes from an engine on another machine, too */
const archiveLimitMs = 10 * 60_000;

/**
 * GET /containers/{id}/archive: a file, or a folder and all below it, as an uncompressed tar in which names begin with the last part of
 * `path`. Only from a container in which no program can write: one that can might race the engine's way there.
 */
export async function* openArchive(engine: Engine, id: string, path: string): AsyncGenerator<Uint8Array> {
  const action = `copy files out of container "${id}"`;
  const response = await engine.open("GET", `/containers/${id}/archive`, {
    action,
    query: { path },
    timeoutMs: archiveLimitMs,
  });
  yield* readBody(response, { action });
}

/** The text of one regular file; undefined if there is none. The condition of `openArchive` holds. */
export async function readContainerFile(
  engine: Engine,
  id: string,
  path: string,
): Promise<string | undefined> {
  const bytes = await withRetries("GET", undefined, async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of openArchive(engine, id, path)) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
  return readTarFile(bytes, path.slice(path.lastIndexOf("/") + 1));
}
