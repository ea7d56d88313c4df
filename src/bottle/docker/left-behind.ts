/** What an undoing could not undo, in words: each thing with the command that mends it. */
import { commandLine } from "../../core/shell-quote.ts";
import { BottleError, messageOf } from "../../core/error.ts";
import type { UndoFailure } from "../../core/scope.ts";

/** One line for each; the steps are called `container NAME`, `network NAME` or `volume NAME`. */
export function renderFailures(failures: readonly UndoFailure[]): string[] {
  return failures.map(({ step, cause }) => {
    const [kind = "", name = ""] = step.split(" ");
    const mend =
      kind === "container" ? commandLine`docker rm -f ${name}` : commandLine`docker ${kind} rm ${name}`;
    return `${step}: ${messageOf(cause)}; remove it with "claude-bottle cleanup" or "${mend}"`;
  });
}

/** The first error stays the error; the lines of what could not be undone are added below it. */
export function withLeftovers(error: unknown, left: readonly string[]): unknown {
  if (left.length === 0) return error;
  const known = error instanceof BottleError ? error : undefined;
  // A signal's reason knows its exit code too
  const { exitCode } = error as { readonly exitCode?: number };
  return new BottleError({
    code: known?.code ?? "session",
    message: messageOf(error),
    hint: known?.hint,
    details: [...(known?.details ?? []), "Left behind:", ...left],
    exitCode,
    leavesBehind: true,
    cause: error,
  });
}
