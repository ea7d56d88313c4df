/** What the rest of the program can ask of a cluster. */
import { timed } from "../core/time/timings.ts";
import type { Access } from "./access.ts";
import { ApiError, transportError } from "./api-error.ts";
import { callForm } from "./call-form.ts";
import { request } from "./request.ts";
import type { RequestOptions } from "./request.ts";
import { withRetries } from "./retry.ts";

export interface Cluster {
  readonly access: Access;
  /** Of all objects that belong to one: the access's own */
  readonly namespace: string;
  /** Sends a request and reads a JSON answer. Throws `ApiError`. Reads and removals are tried again. */
  json<T>(method: string, path: string, options?: RequestOptions): Promise<T>;
  /** Leaves the answer's body to the caller; no time limit unless one is given. */
  open(path: string, options?: RequestOptions): Promise<Response>;
}

const defaultTimeoutMs = 30_000;

export function makeCluster(access: Access): Cluster {
  const ask = (method: string, path: string, options?: RequestOptions) =>
    timed("engine", callForm(method, path), () =>
      withRetries(method, options?.signal, () => request(access, method, path, options)),
    );
  return {
    access,
    namespace: access.namespace,
    async json<T>(method: string, path: string, options?: RequestOptions) {
      const bounded = { timeoutMs: defaultTimeoutMs, ...options };
      const response = await ask(method, path, bounded);
      const text = await response.text().catch((cause: unknown) => {
        throw transportError(cause, bounded);
      });
      try {
        return JSON.parse(text) as T;
      } catch (cause) {
        throw new ApiError({ action: options?.action, state: "the answer is not JSON", cause });
      }
    },
    open: (path, options) => ask("GET", path, options),
  };
}
