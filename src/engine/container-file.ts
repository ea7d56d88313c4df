/** Reading one file out of a container. */
import type { Engine } from "./engine.ts";
import { readBody } from "./response-body.ts";
import { readTarFile } from "./tar.ts";

/**
 * GET /containers/{id}/archive for the text of one regular file; undefined if there is none. Only from a container in which no
 * program can write: one that can might race the engine's way there.
 */
export async function readContainerFile(
  engine: Engine,
  id: string,
  path: string,
): Promise<string | undefined> {
  const action = `copy a file out of container "${id}"`;
  const response = await engine.open("GET", `/containers/${id}/archive`, {
    action,
    query: { path },
    timeoutMs: 30_000,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of readBody(response, { action })) chunks.push(chunk);
  return readTarFile(Buffer.concat(chunks), path.slice(path.lastIndexOf("/") + 1));
}
