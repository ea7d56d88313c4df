/** Errors of the engine: what it answered, or why it did not answer. What it says is hostile text and is escaped. */
import { BottleError, messageOf } from "../core/error.ts";
import type { ErrorParts } from "../core/error.ts";
import { escapeForTerminal } from "../core/text.ts";
import { findEngineHint } from "./engine-hints.ts";
import type { FailureReason } from "./engine-hints.ts";

/** What was tried, and how long and until when: what an error needs to tell its reason. */
export interface Attempt {
  /** `create network "x"` */
  readonly action?: string | undefined;
  readonly timeoutMs?: number | false | undefined;
  readonly headTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EngineErrorParts {
  /** What was tried: `create network "x"` */
  readonly action?: string | undefined;
  readonly state: string;
  /** HTTP status of the answer; undefined if there was none */
  readonly status?: number | undefined;
  /** The connection itself failed */
  readonly isTransport?: boolean;
  /** Why, as far as anything depends on it */
  readonly reason?: FailureReason | undefined;
  /** By default it follows from the state */
  readonly hint?: string | undefined;
  readonly details?: readonly string[] | undefined;
  readonly leavesBehind?: boolean | undefined;
  readonly cause?: unknown;
}

/** A request that the engine refused or did not answer. */
export class EngineError extends BottleError {
  readonly status: number | undefined;
  /** The engine's own words, escaped */
  readonly state: string;
  readonly isTransport: boolean;
  readonly reason: FailureReason | undefined;
  readonly #action: string | undefined;

  constructor(parts: EngineErrorParts) {
    const state = escapeForTerminal(parts.state).slice(0, 1000);
    const { status, isTransport = false, reason } = parts;
    super({
      code: isTransport ? "engine-unreachable" : "engine-refused",
      message: `Cannot ${escapeForTerminal(parts.action ?? "use the engine")}: ${state}`,
      hint: parts.hint ?? findEngineHint({ state, status, isTransport, reason }),
      details: parts.details,
      leavesBehind: parts.leavesBehind,
      cause: parts.cause,
    });
    this.state = state;
    this.status = status;
    this.isTransport = isTransport;
    this.reason = reason;
    this.#action = parts.action;
  }

  protected override remake({ message, hint, details, leavesBehind, cause }: ErrorParts): EngineError {
    const { status, isTransport, reason } = this;
    // What was added stands after it
    const state = `${this.state}${message.slice(this.message.length)}`;
    const action = this.#action;
    return new EngineError({
      action,
      state,
      status,
      isTransport,
      reason,
      hint,
      details,
      leavesBehind,
      cause,
    });
  }
}

/** True if the engine answered that the object does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof EngineError && error.status === 404;
}

/** True if the engine answered that the request conflicts with the object's state or name. */
export function isConflict(error: unknown): boolean {
  return error instanceof EngineError && error.status === 409;
}

/** Reads the engine's `{"message": …}` and makes an error of it. */
export async function engineErrorFromResponse(
  response: Response,
  action: string | undefined,
): Promise<EngineError> {
  if (response.status < 400) {
    await response.body?.cancel();
    return new EngineError({
      action,
      state: `the engine redirects (${response.status}), which is not followed`,
      status: response.status,
    });
  }
  const text = await response.text().catch(() => "");
  return new EngineError({
    action,
    state: readMessage(text) || `status ${response.status}`,
    status: response.status,
  });
}

/** What an engine says that does not hand a connection over. A status of success would be a stream without end. */
export function upgradeRefused(status: number, body: string, action: string | undefined): EngineError {
  const state = readMessage(body) || `status ${status} where a stream was expected`;
  return new EngineError({ action, state, status });
}

/** The `message` of an error body, or the body itself. */
function readMessage(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (parsed && typeof parsed === "object" && "message" in parsed) return String(parsed.message);
  } catch {
    // Not JSON: a proxy or another program answered, and its words are all there is
  }
  return body.trim();
}

interface TransportProblem {
  readonly state: string;
  readonly reason?: FailureReason;
}

const closed: TransportProblem = { state: "the connection was closed", reason: "closed" };
const nobody: TransportProblem = { state: "nobody listens there", reason: "absent" };
const denied: TransportProblem = { state: "no permission to open the socket", reason: "denied" };
const noHttp: TransportProblem = { state: "what answers does not speak HTTP", reason: "foreign" };

const transportProblems: Readonly<Record<string, TransportProblem>> = {
  ENOENT: { state: "there is no socket", reason: "absent" },
  ECONNREFUSED: nobody,
  ConnectionRefused: nobody,
  FailedToOpenSocket: { state: "there is no socket, or nobody listens there", reason: "absent" },
  EACCES: denied,
  EPERM: denied,
  ECONNRESET: closed,
  ConnectionClosed: closed,
  ENAMETOOLONG: { state: "the socket's path is too long" },
  ENOTFOUND: { state: "the host name does not resolve" },
  ENOTSOCK: { state: "it is not a socket", reason: "foreign" },
  EPIPE: closed,
  Malformed_HTTP_Response: noHttp,
  InvalidHTTPResponse: { state: "the answer is broken", reason: "foreign" },
  HPE_INVALID_CONSTANT: noHttp,
  ERR_SOCKET_CLOSED: closed,
  ERR_STREAM_DESTROYED: closed,
  ERR_STREAM_WRITE_AFTER_END: closed,
};

/**
 * Makes the error for a connection that failed. It is not always an `EngineError`: one that the caller aborted gives the caller's
 * own reason, and an upload whose source failed gives the source's error.
 */
export function makeTransportError(cause: unknown, attempt: Attempt): unknown {
  if (attempt.signal?.aborted) return attempt.signal.reason;
  if (cause instanceof BottleError) return cause;
  const isTimeout = cause instanceof Error && cause.name === "TimeoutError";
  const { state, reason }: TransportProblem = isTimeout
    ? { state: `no answer within ${(attempt.timeoutMs || attempt.headTimeoutMs || 0) / 1000} s` }
    : readTransportFailure(cause);
  return new EngineError({ action: attempt.action, state, isTransport: true, reason, cause });
}

/** What a failed fetch's code means; its own text speaks of typos in URLs and of options of fetch. */
function readTransportFailure(cause: unknown): TransportProblem {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const text = messageOf(cause).replace(/\. For more information.*/s, "");
  return transportProblems[code] ?? { state: code ? `${code}: ${text}` : text };
}
