/** Files into a container that does not run yet. */
import type { Engine } from "./engine.ts";
import { watchUpload } from "./upload.ts";

const uploadIdleMs = 120_000;

/**
 * PUT /containers/{id}/archive. Only between create and start, and only uncompressed: on a running container a process can race
 * the extraction (CVE-2026-41568, CVE-2026-42306), and compressed input runs a decompressor (CVE-2026-41567).
 */
export async function putArchive(
  engine: Engine,
  id: string,
  path: string,
  tar: Uint8Array | ReadableStream<Uint8Array>,
  idleMs = uploadIdleMs,
): Promise<void> {
  const action = `copy files into container "${id}"`;
  const upload = watchUpload(tar, action, idleMs);
  try {
    await engine.send("PUT", `/containers/${id}/archive`, {
      action,
      query: { path, noOverwriteDirNonDir: true },
      raw: { contentType: "application/x-tar", data: upload.data },
      timeoutMs: false,
      signal: upload.signal,
    });
  } finally {
    upload.stop();
  }
}
