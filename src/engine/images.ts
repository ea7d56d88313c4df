/** Images by the Engine API's own names. */
import { isNotFound } from "./engine-error.ts";
import { EngineError } from "./engine-error.ts";
import type { Engine } from "./engine.ts";
import { readJsonStream } from "./json-stream.ts";

export interface ImageSummary {
  /** `sha256:…` */
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** GET /images/{name}/json; undefined if there is no such image. */
export async function findImage(engine: Engine, reference: string): Promise<ImageSummary | undefined> {
  try {
    const image = await engine.json<{
      Id: string;
      Config?: { Labels?: Record<string, string> | null } | null;
    }>("GET", `/images/${reference}/json`, { action: `look at image "${reference}"` });
    return { id: image.Id, labels: image.Config?.Labels ?? {} };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

interface PullMessage {
  readonly status?: string;
  readonly id?: string;
  readonly error?: string;
}

/** POST /images/create. The answer is 200 even when the pull fails: the last message decides. */
export async function pullImage(
  engine: Engine,
  reference: string,
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const action = `fetch image "${reference}"`;
  const response = await engine.open("POST", "/images/create", {
    action,
    query: { fromImage: reference },
    signal,
  });
  for await (const message of readJsonStream<PullMessage>(response)) {
    if (message.error) {
      throw new EngineError({
        action,
        state: message.error,
        hint: `Check the network and the name, or fetch it by hand: docker pull ${reference}`,
      });
    }
    if (message.status && !message.id) onLine(message.status);
  }
}

/** DELETE /images/{name}; an image that is gone is fine. */
export async function removeImage(engine: Engine, reference: string): Promise<void> {
  try {
    await engine.send("DELETE", `/images/${reference}`, {
      action: `remove image "${reference}"`,
      timeoutMs: 60_000,
    });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
