/** Reading an answer's body. A connection that breaks on the way is an engine error, not a fault of ours. */
import { makeTransportError } from "./engine-error.ts";
import type { Attempt } from "./engine-error.ts";

/** Yields the body as it comes. Leaving the loop early closes the connection. */
export async function* readBody(response: Response, attempt: Attempt): AsyncGenerator<Uint8Array> {
  try {
    yield* (response.body ?? []) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw makeTransportError(cause, attempt);
  }
}

/** The whole body as text. */
export async function readText(response: Response, attempt: Attempt): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw makeTransportError(cause, attempt);
  }
}
