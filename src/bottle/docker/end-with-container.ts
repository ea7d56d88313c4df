/**
 * Ends an exec's stream with its container. The engine should do that by itself; Docker 20.10 with gVisor leaves it open one time in
 * three, and whoever reads it would wait for ever.
 */
import type { ByteStream } from "../../core/byte-stream.ts";
import { isNotFound } from "../../engine/engine-error.ts";
import type { Engine } from "../../engine/engine.ts";

/** What was said last may still be on its way */
const graceMs = 2_000;

/** Watches until the function that is returned is called. */
export function endWithContainer(
  engine: Engine,
  container: string,
  stream: Pick<ByteStream, "destroy">,
): () => void {
  const watch = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const end = () => {
    if (!watch.signal.aborted) timer = setTimeout(() => stream.destroy(), graceMs);
  };
  engine
    .json("POST", `/containers/${container}/wait`, {
      action: `wait for container "${container}"`,
      query: { condition: "not-running" },
      timeoutMs: false,
      signal: watch.signal,
    })
    .then(end, (error: unknown) => {
      // An engine that has gone away ends the stream as well; any other failure says nothing about the container
      if (isNotFound(error)) end();
    });
  return () => {
    watch.abort();
    clearTimeout(timer);
  };
}
