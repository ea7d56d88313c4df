/** One request to an engine: Bun's fetch over a socket, every trap closed. */
import { engineErrorFromResponse, makeTransportError } from "./engine-error.ts";
import { makeTlsOptions } from "./endpoint.ts";
import type { Endpoint } from "./endpoint.ts";

export interface RequestOptions {
  /** What is being tried, for messages: `create network "x"` */
  readonly action?: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON */
  readonly body?: unknown;
  /** Sent as it is, instead of `body` */
  readonly raw?: { readonly contentType: string; readonly data: Uint8Array | ReadableStream<Uint8Array> };
  /** For the whole answer, or for a hijack until it is granted; `false` waits for ever. Default 30 s, but for `open` none */
  readonly timeoutMs?: number | false;
  /** Until the answer begins, where it may go on for ever */
  readonly headTimeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One request. Redirects are errors, since fetch would follow them off the socket to a host of the answer's choosing; and
 * Bun's own limit of 360 s of silence is off, since waiting for a session is silence.
 */
export async function request(
  endpoint: Endpoint,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Response> {
  const limit = options.timeoutMs ? AbortSignal.timeout(options.timeoutMs) : undefined;
  const head = options.headTimeoutMs ? limitHead(options.headTimeoutMs) : undefined;
  const signals = [limit, head?.signal, options.signal].filter((signal) => signal !== undefined);
  const body = options.raw
    ? options.raw.data
    : options.body === undefined
      ? undefined
      : JSON.stringify(options.body);
  const init: BunFetchRequestInit = {
    method,
    redirect: "manual",
    headers: body === undefined ? {} : { "Content-Type": options.raw?.contentType ?? "application/json" },
    ...(body === undefined ? {} : { body: body as NonNullable<BunFetchRequestInit["body"]> }),
    ...(endpoint.kind === "unix" ? { unix: endpoint.socketPath } : { tls: makeTlsOptions(endpoint.tls) }),
    ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
  };
  const origin = endpoint.kind === "unix" ? "http://engine" : endpoint.url;
  let response: Response;
  try {
    response = await fetch(`${origin}${path}${renderQuery(options.query)}`, {
      ...init,
      timeout: false,
    } as BunFetchRequestInit);
  } catch (cause) {
    throw makeTransportError(cause, options);
  } finally {
    head?.stop();
  }
  if (response.status >= 300) throw await engineErrorFromResponse(response, options.action);
  return response;
}

function limitHead(milliseconds: number): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const expire = () => controller.abort(new DOMException("No answer in time", "TimeoutError"));
  const timer = setTimeout(expire, milliseconds);
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
}

/** With its question mark; empty without a value */
export function renderQuery(query: RequestOptions["query"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? "" : `?${parameters}`;
}
