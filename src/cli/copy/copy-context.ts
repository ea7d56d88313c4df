/** What both ways of a copy need, and how both end. */
import { BottleError } from "../../core/error.ts";
import { countOf, renderBytes } from "../../core/text.ts";
import type { CopyProblems } from "../../host/copy-problems.ts";
import type { TransferProgress } from "../../host/transfer-progress.ts";
import type { App } from "../../session/app.ts";

export interface CopyContext {
  readonly app: App;
  readonly session: string;
  /** Whole name */
  readonly bottle: string;
  readonly signal: AbortSignal;
  readonly openProgress: (text: string) => TransferProgress;
}

/** `3 files (1.5 MiB)`. Throws if something was not copied: who goes by the exit code must not take it for whole. */
export function sumUp(
  copied: { readonly files: number; readonly bytes: number },
  problems: CopyProblems,
): string {
  if (problems.count === 0) return `${countOf(copied.files, "file")} (${renderBytes(copied.bytes)})`;
  throw new BottleError({
    code: "file",
    message: `Cannot copy everything: ${countOf(problems.count, "name was", "names were")} not copied`,
    details: problems.lines,
    hint: "Everything else was copied.",
  });
}
