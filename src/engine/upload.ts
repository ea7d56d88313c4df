/** An upload may take as long as its size needs, but not stand still: an engine that hangs takes nothing more. */
import { EngineError } from "./engine-error.ts";

export interface WatchedUpload {
  readonly data: ReadableStream<Uint8Array>;
  /** Aborted with an `EngineError` when nothing has moved for too long */
  readonly signal: AbortSignal;
  stop(): void;
}

/** Begins to watch. After the last byte the engine has as long again for its answer. */
export function watchUpload(
  data: Uint8Array | ReadableStream<Uint8Array>,
  action: string,
  idleMs: number,
): WatchedUpload {
  const controller = new AbortController();
  const expire = () => {
    const state = `the engine has taken nothing for ${idleMs / 1000} s`;
    controller.abort(new EngineError({ action, state, isTransport: true }));
  };
  let timer = setTimeout(expire, idleMs);
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, output) {
      clearTimeout(timer);
      timer = setTimeout(expire, idleMs);
      output.enqueue(chunk);
    },
  });
  const source = data instanceof Uint8Array ? new Blob([data as Uint8Array<ArrayBuffer>]).stream() : data;
  return {
    data: source.pipeThrough(counter),
    signal: controller.signal,
    stop: () => clearTimeout(timer),
  };
}
