/** One request to a cluster's API: Bun's fetch over TLS, as whoever the access says. */
import type { Access, Credential } from "./access.ts";
import { apiErrorFrom, transportError } from "./api-error.ts";

export interface RequestOptions {
  /** What is being tried, for messages: `create Pod "x"` */
  readonly action?: string;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** Sent as JSON */
  readonly body?: unknown;
  /** For the whole answer; `false` waits for ever */
  readonly timeoutMs?: number | false;
  readonly signal?: AbortSignal | undefined;
}

/** Throws `ApiError` for any status of 300 or more. Redirects are errors: the credential must not follow one. */
export async function request(
  access: Access,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Response> {
  const response = await send(access, method, path, options, false);
  // A credential can end between two calls
  const answer = response.status === 401 ? await again(access, method, path, options, response) : response;
  if (answer.status < 300) return answer;
  const text = await answer.text().catch(() => "");
  throw apiErrorFrom(
    { status: answer.status, retryAfter: answer.headers.get("Retry-After"), text },
    options.action,
  );
}

async function again(
  access: Access,
  method: string,
  path: string,
  options: RequestOptions,
  refused: Response,
): Promise<Response> {
  await refused.body?.cancel().catch(() => undefined);
  return send(access, method, path, options, true);
}

async function send(
  access: Access,
  method: string,
  path: string,
  options: RequestOptions,
  isRefused: boolean,
): Promise<Response> {
  const { body, timeoutMs, signal } = options;
  const credential = await access.credential(isRefused);
  const limit = timeoutMs ? AbortSignal.timeout(timeoutMs) : undefined;
  const signals = [limit, signal].filter((one) => one !== undefined);
  try {
    return await fetch(`${access.url}${path}${renderQuery(options.query)}`, {
      method,
      redirect: "manual",
      headers: [
        ...makeHeaders(access, credential),
        ["Accept", "application/json"],
        ...(body === undefined ? [] : [["Content-Type", "application/json"] as [string, string]]),
      ],
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      tls: makeTlsOptions(access, credential),
      ...(access.proxy === undefined ? {} : { proxy: access.proxy }),
      ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
      timeout: false,
    } as BunFetchRequestInit);
  } catch (cause) {
    throw transportError(cause, options);
  }
}

/** Who asks. */
export function makeHeaders(access: Access, { token }: Credential): [string, string][] {
  const own: [string, string][] = token ? [["Authorization", `Bearer ${token.reveal()}`]] : [];
  return [...own, ...access.impersonation.map(([name, value]): [string, string] => [name, value])];
}

/** Verification is spelled out, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the caller's environment would switch it off. */
export function makeTlsOptions(access: Access, { certificate, key }: Credential) {
  return {
    rejectUnauthorized: true,
    ...(access.authority === undefined ? {} : { ca: access.authority }),
    ...(access.serverName === undefined ? {} : { serverName: access.serverName }),
    ...(certificate === undefined || key === undefined ? {} : { cert: certificate, key: key.reveal() }),
  };
}

/** With its question mark; empty without a value */
export function renderQuery(query: RequestOptions["query"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (Array.isArray(value)) for (const one of value as readonly string[]) parameters.append(name, one);
    else if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? "" : `?${parameters}`;
}
