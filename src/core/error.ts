/** The one class of expected errors. Anything else that is thrown is a bug of ours. */

/** Exit codes of the program. A session's own code passes through unchanged. */
export const exitCodes = {
  ok: 0,
  /** Our own failure: an engine call, a file, a bug */
  failure: 1,
  /** A word on the command line or in the manifest is wrong */
  usage: 2,
  /** The engine cannot be reached or refuses to work with us, as in `docker run` */
  engine: 125,
} as const;

export type ExitCode = number;

export type ErrorCode =
  | "usage"
  | "manifest"
  | "input"
  | "engine-unreachable"
  | "engine-refused"
  | "image"
  | "sidecar"
  | "session"
  | "file"
  | "aborted";

export interface ErrorParts {
  readonly code: ErrorCode;
  /** Sentence case, no full stop: `Cannot <action> <thing>: <state>`, values quoted */
  readonly message: string;
  /** One imperative sentence with something to type or edit */
  readonly hint?: string | undefined;
  /** Further lines, printed one below the other and indented */
  readonly details?: readonly string[] | undefined;
  /** What the process exits with; by default it follows from `code` */
  readonly exitCode?: ExitCode | undefined;
  /** What was begun could not be undone whole */
  readonly leavesBehind?: boolean | undefined;
  readonly cause?: unknown;
}

/** What becomes known of an error on its way up. */
export interface ErrorAddition {
  /** Behind the message */
  readonly suffix?: string;
  /** Below its own */
  readonly details?: readonly string[];
  /** In place of its own */
  readonly hint?: string | undefined;
  readonly leavesBehind?: boolean;
}

const exitCodeByErrorCode: Partial<Record<ErrorCode, ExitCode>> = {
  usage: exitCodes.usage,
  manifest: exitCodes.usage,
  input: exitCodes.usage,
  "engine-unreachable": exitCodes.engine,
  "engine-refused": exitCodes.engine,
};

/**
 * An error the user can act on. Rendered in one place (`src/cli/render/render-error.ts`) without a stack.
 * Make one with the named constructor of the layer that knows the situation, never inline.
 */
export class BottleError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: readonly string[];
  readonly exitCode: ExitCode;
  readonly leavesBehind: boolean;

  constructor(parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? {} : { cause: parts.cause });
    this.name = "BottleError";
    this.code = parts.code;
    this.hint = parts.hint;
    this.details = parts.details ?? [];
    this.leavesBehind = parts.leavesBehind ?? false;
    this.exitCode = parts.exitCode ?? exitCodeByErrorCode[parts.code] ?? exitCodes.failure;
  }

  /** The same error with more to tell. Of the same class, so that whoever tells causes apart still can. */
  extended({ suffix = "", details = [], hint = this.hint, ...added }: ErrorAddition): BottleError {
    return this.remake({
      code: this.code,
      message: `${this.message}${suffix}`,
      hint,
      details: [...this.details, ...details],
      exitCode: this.exitCode,
      leavesBehind: added.leavesBehind ?? this.leavesBehind,
      cause: this,
    });
  }

  /** A class with a constructor of its own says how. */
  protected remake(parts: ErrorParts): BottleError {
    const Class = this.constructor as new (parts: ErrorParts) => BottleError;
    return new Class(parts);
  }
}

/** Anything that was thrown, with more to tell. What is none of our errors becomes one, with `code`. */
export function extendError(thrown: unknown, code: ErrorCode, added: ErrorAddition): BottleError {
  if (thrown instanceof BottleError) return thrown.extended(added);
  // A signal's reason knows its exit code too
  const { exitCode } = Object(thrown) as { readonly exitCode?: number };
  return new BottleError({ code, message: messageOf(thrown), exitCode, cause: thrown }).extended(added);
}

/** The text of anything that was thrown, for use inside another message. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Of "EACCES: permission denied, open '/x'" what the path in front of it does not say already. */
export function sayWhy(thrown: unknown): string {
  return messageOf(thrown).replace(/^E[A-Z0-9]+: ([^,]+), .*$/s, "$1");
}
