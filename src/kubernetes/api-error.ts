/** Errors of a cluster's API: what it answered, or why it did not answer. What it says is hostile text and is escaped. */
import { BottleError, messageOf } from "../core/error.ts";
import type { ErrorParts } from "../core/error.ts";
import { escapeForTerminal, quote } from "../core/text.ts";

/** What the caller may not do, as a Role would grant it. */
export interface MissingVerb {
  readonly verb: string;
  /** `pods/exec` */
  readonly resource: string;
  /** Empty for the core group */
  readonly group: string;
  /** Undefined for what belongs to the whole cluster */
  readonly namespace: string | undefined;
}

export interface ApiErrorParts {
  /** What was tried: `create Pod "x"` */
  readonly action?: string | undefined;
  readonly state: string;
  /** HTTP status of the answer; undefined if there was none */
  readonly status?: number | undefined;
  /** The API's own word: `AlreadyExists` */
  readonly reason?: string | undefined;
  /** The connection itself failed. `closed`: it was there and broke */
  readonly transport?: "closed" | "failed" | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly hint?: string | undefined;
  readonly details?: readonly string[] | undefined;
  readonly leavesBehind?: boolean | undefined;
  readonly cause?: unknown;
}

const maxState = 1000;

/** A request that the API refused or did not answer. */
export class ApiError extends BottleError {
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly transport: ApiErrorParts["transport"];
  readonly retryAfterMs: number | undefined;
  readonly missing: MissingVerb | undefined;
  /** The API's own words, escaped */
  readonly state: string;
  readonly #action: string | undefined;

  constructor(parts: ApiErrorParts) {
    const state = escapeForTerminal(parts.state).slice(0, maxState);
    const { status, reason, transport, action } = parts;
    const missing = status === 403 ? readMissing(parts.state) : undefined;
    super({
      code: transport ? "engine-unreachable" : "engine-refused",
      message: `Cannot ${escapeForTerminal(action ?? "use the cluster")}: ${state}`,
      hint: parts.hint ?? findHint({ status, reason, transport, missing }),
      details: parts.details,
      leavesBehind: parts.leavesBehind,
      cause: parts.cause,
    });
    this.state = state;
    this.status = status;
    this.reason = reason;
    this.transport = transport;
    this.retryAfterMs = parts.retryAfterMs;
    this.missing = missing;
    this.#action = action;
  }

  protected override remake({ message, hint, details, leavesBehind, cause }: ErrorParts): ApiError {
    const { status, reason, transport, retryAfterMs } = this;
    // What was added stands behind it
    const state = `${this.state}${message.slice(this.message.length)}`;
    const known = { action: this.#action, status, reason, transport, retryAfterMs };
    return new ApiError({ ...known, state, hint, details, leavesBehind, cause });
  }
}

/** True if the API answered that there is no such object. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** True if the API answered that there is an object of that name. */
export function isTaken(error: unknown): boolean {
  return error instanceof ApiError && error.reason === "AlreadyExists";
}

/** In the API's own words, which have not changed since there are Roles */
function readMissing(message: string): MissingVerb | undefined {
  const match =
    /cannot (\w+) resource "([\w./-]+)" in API group "([\w.-]*)"(?: in the namespace "([\w.-]+)"| at the cluster scope)/.exec(
      message,
    );
  if (!match) return undefined;
  const [, verb = "", resource = "", group = "", namespace] = match;
  return { verb, resource, group, namespace };
}

function findHint({
  status,
  reason,
  transport,
  missing,
}: Pick<ApiErrorParts, "status" | "reason" | "transport"> & {
  readonly missing: MissingVerb | undefined;
}): string | undefined {
  if (transport) return 'Check with "kubectl version" that the cluster answers, and try again.';
  if (missing) {
    const group = missing.group === "" ? "" : ` of ${quote(missing.group)}`;
    const place =
      missing.namespace === undefined ? "in the cluster" : `in namespace ${quote(missing.namespace)}`;
    return `Ask an administrator for the verb ${quote(missing.verb)} on ${quote(missing.resource)}${group} ${place}.`;
  }
  if (status === 401) return 'Log in to the cluster again, and check with "kubectl auth whoami".';
  if (reason === "TooManyRequests" || (status ?? 0) >= 500) return "Try again in a while.";
  return undefined;
}

/** Of a body that is a `Status` object. Where something between us and the API answered, its words are all there is. */
export function apiErrorFrom(
  answer: { readonly status: number; readonly retryAfter: string | null | undefined; readonly text: string },
  action: string | undefined,
): ApiError {
  const { status, text } = answer;
  const seconds = Number(answer.retryAfter ?? Number.NaN);
  const body = readStatus(text);
  const state =
    status < 400
      ? `it answers ${status}, which is not followed`
      : body.message || text.trim() || `status ${status}`;
  return new ApiError({
    action,
    state,
    status,
    reason: body.reason,
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined,
  });
}

function readStatus(text: string): { readonly message: string; readonly reason: string | undefined } {
  try {
    const { message, reason } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return {
      message: typeof message === "string" ? message : "",
      reason: typeof reason === "string" ? reason : undefined,
    };
  } catch {
    return { message: "", reason: undefined };
  }
}

const closedCodes: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ConnectionClosed",
  "EPIPE",
  "ERR_SOCKET_CLOSED",
  "ERR_STREAM_DESTROYED",
]);

const states: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ConnectionRefused: "nobody listens there",
  ENOTFOUND: "the host name does not resolve",
  Malformed_HTTP_Response: "what answers does not speak HTTP",
};

export interface Attempt {
  readonly action?: string | undefined;
  readonly timeoutMs?: number | false | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** For a connection that failed. One that the caller aborted gives the caller's own reason. */
export function transportError(cause: unknown, attempt: Attempt): unknown {
  if (attempt.signal?.aborted) return attempt.signal.reason;
  if (cause instanceof BottleError) return cause;
  const { action } = attempt;
  if (cause instanceof Error && cause.name === "TimeoutError") {
    const state = `no answer within ${(attempt.timeoutMs || 0) / 1000} s`;
    return new ApiError({ action, state, transport: "failed", cause });
  }
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (closedCodes.has(code))
    return new ApiError({ action, state: "the connection was closed", transport: "closed", cause });
  const text = messageOf(cause).replace(/\. For more information.*/s, "");
  const state = states[code] ?? (code ? `${code}: ${text}` : text);
  return new ApiError({ action, state, transport: "failed", cause });
}
