/** The one place where an error becomes text and an exit code. */
import { BottleError, exitCodes } from "../../core/error.ts";
import type { ExitCode } from "../../core/error.ts";
import { escapeForTerminal } from "../../core/text.ts";
import { Interrupted } from "../../host/signals.ts";

export interface RenderedError {
  /** Ends with a line break; empty if there is nothing to say */
  readonly text: string;
  readonly exitCode: ExitCode;
}

export interface ErrorContext {
  readonly version: string;
  readonly hasColor: boolean;
  readonly isVerbose: boolean;
}

/** Renders anything that was thrown, escaped once more than its makers should have. What is not a `BottleError` is a bug of ours and says so. */
export function renderError(error: unknown, context: ErrorContext): RenderedError {
  if (error instanceof Interrupted) return { text: "", exitCode: error.exitCode };
  const paint = (code: number, text: string) => (context.hasColor ? `\u001b[${code}m${text}\u001b[0m` : text);
  if (error instanceof BottleError) {
    const lines = [
      `${paint(31, "error:")} ${escapeForTerminal(error.message)}`,
      ...error.details.map((line) => `  ${escapeForTerminal(line)}`),
      ...(error.hint === undefined ? [] : [`${paint(36, "hint:")} ${escapeForTerminal(error.hint)}`]),
    ];
    const stack = context.isVerbose && error.cause instanceof Error ? [renderStack(error.cause)] : [];
    return { text: `${[...lines, ...stack].join("\n")}\n`, exitCode: error.exitCode };
  }
  const known = error instanceof Error ? error : new Error(String(error));
  const lines = [
    `${paint(31, "error:")} Internal error: ${escapeForTerminal(known.message)}`,
    `  This is a bug in claude-bottle ${context.version}. Sorry.`,
    context.isVerbose
      ? renderStack(known)
      : `${paint(36, "hint:")} Run it again with --verbose and report what it prints.`,
  ];
  return { text: `${lines.join("\n")}\n`, exitCode: exitCodes.failure };
}

function renderStack(error: Error): string {
  return (error.stack ?? error.message)
    .split("\n")
    .map((line) => `  ${escapeForTerminal(line)}`)
    .join("\n");
}
