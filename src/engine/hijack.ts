/** A connection that the engine hands over as a raw stream (API: attach, exec start), with the bytes that arrive together with the 101. */
import type { RawConnection, UpgradeRequest } from "./raw-connection.ts";
import type { RequestOptions } from "./request.ts";
import type { ByteStream } from "../core/byte-stream.ts";
import type { Endpoint } from "./endpoint.ts";
import { makeTransportError } from "./engine-error.ts";

/**
 * Opens a hijacked stream with a POST. A refusal is an `EngineError` with the engine's message. The signal also ends the stream
 * later on, the time limit only concerns the opening.
 */
export async function hijack(endpoint: Endpoint, path: string, options: RequestOptions): Promise<ByteStream> {
  const { signal, timeoutMs } = options;
  signal?.throwIfAborted();
  const body = options.body === undefined ? "" : JSON.stringify(options.body);
  const opening = new AbortController();
  const abort = () => opening.abort(signal?.reason);
  const expire = () => opening.abort(new DOMException("No answer in time", "TimeoutError"));
  const limit = timeoutMs ? setTimeout(expire, timeoutMs) : undefined;
  signal?.addEventListener("abort", abort);
  try {
    const request = { path, body, action: options.action, signal: opening.signal };
    return wrap(await open(endpoint, request), options);
  } catch (cause) {
    throw makeTransportError(cause, options);
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener("abort", abort);
  }
}

async function open(endpoint: Endpoint, request: UpgradeRequest): Promise<RawConnection> {
  if (endpoint.kind === "unix") {
    const { upgradeUnix } = await import("./upgrade-unix.ts");
    return upgradeUnix(endpoint.socketPath, request);
  }
  const { upgradeTls } = await import("./upgrade-tls.ts");
  return upgradeTls(endpoint, request);
}

function wrap(connection: RawConnection, { action, signal }: RequestOptions): ByteStream {
  const { incoming, closed, destroy, endInput } = connection;
  signal?.addEventListener("abort", destroy);
  void closed.then(() => signal?.removeEventListener("abort", destroy));
  return {
    output: incoming,
    forward: (sink) => incoming.forward(sink),
    write: (data) =>
      connection.write(data)?.catch((error: unknown) => {
        throw makeTransportError(error, { action, signal });
      }),
    endInput,
    destroy,
    closed,
  };
}
