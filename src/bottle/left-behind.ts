/** What an undoing could not undo, in words: each thing with the command that removes it. */
import { extendError, messageOf } from "../core/error.ts";
import type { UndoFailure } from "../core/scope.ts";

/** One line for each. */
export function renderFailures(failures: readonly UndoFailure[]): string[] {
  return failures.map(({ step, object, cause }) => {
    const line = `${step}: ${messageOf(cause)}`;
    return object ? `${line}; remove it with "claude-bottle cleanup" or "${object.removal}"` : line;
  });
}

/** The first error stays the error; the lines of what could not be undone are added below it. */
export function withLeftovers(error: unknown, left: readonly string[]): unknown {
  if (left.length === 0) return error;
  return extendError(error, "session", { details: ["Left behind:", ...left], leavesBehind: true });
}
