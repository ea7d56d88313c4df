/** What the rest of the program can ask of an engine. */
import type { ByteStream } from "../core/byte-stream.ts";
import { timed } from "../core/time/timings.ts";
import { callForm } from "./call-form.ts";
import { EngineError } from "./engine-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { renderQuery, request } from "./request.ts";
import type { RequestOptions } from "./request.ts";
import { readText } from "./response-body.ts";
import { withRetries } from "./retry.ts";

export interface Engine {
  readonly endpoint: Endpoint;
  /** Who speaks the API: Podman's differs in what it keeps apart */
  readonly product: "docker" | "podman";
  /** Negotiated, `1.41` */
  readonly apiVersion: string;
  /** What the engine recommends: `2` is BuildKit */
  readonly builderVersion: "1" | "2";
  /** True if the negotiated version is at least this one */
  supports(apiVersion: string): boolean;
  /** Sends a request and reads a JSON answer. Throws `EngineError` for any status of 300 or more. Reads and removals are tried again. */
  json<T>(method: string, path: string, options?: RequestOptions): Promise<T>;
  /** Sends a request and ignores the answer's body. */
  send(method: string, path: string, options?: RequestOptions): Promise<void>;
  /** Sends a request and leaves the answer's body to the caller; no time limit unless one is given. */
  open(method: string, path: string, options?: RequestOptions): Promise<Response>;
  /** Turns the connection into a raw stream in both directions (attach, exec). */
  hijack(path: string, options?: RequestOptions): Promise<ByteStream>;
}

const defaultTimeoutMs = 30_000;
/**
 * For calls that the engine does one after the other for all its clients, such as making and removing networks: each waits behind what a
 * hundred other bottles have asked for.
 */
export const queuedTimeoutMs = 10 * 60_000;

/** Makes the client for an endpoint whose version has been negotiated. */
export function makeEngine(endpoint: Endpoint, apiVersion: string, builderVersion: "1" | "2"): Engine {
  const once = (method: string, path: string, options: RequestOptions = {}) =>
    request(endpoint, method, `/v${apiVersion}${path}`, options);
  return {
    endpoint,
    product: "docker",
    apiVersion,
    builderVersion,
    supports: (wanted) => isAtLeast(apiVersion, wanted),
    open: (method, path, options) =>
      timed("engine", callForm(method, path), () =>
        withRetries(method, options?.signal, () => once(method, path, options)),
      ),
    async json<T>(method: string, path: string, options?: RequestOptions) {
      const bounded = withLimit(options);
      const text = await timed("engine", callForm(method, path), () =>
        withRetries(method, options?.signal, async () =>
          readText(await once(method, path, bounded), bounded),
        ),
      );
      try {
        return JSON.parse(text) as T;
      } catch (cause) {
        throw new EngineError({
          action: options?.action,
          state: "the answer is not JSON",
          reason: "foreign",
          cause,
        });
      }
    },
    async send(method, path, options) {
      const response = await timed("engine", callForm(method, path), () =>
        withRetries(method, options?.signal, () => once(method, path, withLimit(options))),
      );
      // It is done, whatever becomes of the rest of the answer
      await response.body?.cancel().catch(() => undefined);
    },
    async hijack(path, options = {}) {
      const { hijack } = await import("./hijack.ts");
      const work = () =>
        hijack(endpoint, `/v${apiVersion}${path}${renderQuery(options.query)}`, withLimit(options));
      return timed("engine", callForm("POST", path), work);
    },
  };
}

/** Compares dotted API versions by their numbers: 1.9 is before 1.41. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function withLimit(options: RequestOptions = {}): RequestOptions {
  return { timeoutMs: defaultTimeoutMs, ...options };
}
