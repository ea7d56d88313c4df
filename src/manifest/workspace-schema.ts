/** The part of a manifest that concerns the workspace's files. A bottle may have it, and an agent, whose patterns are added. */
import * as v from "valibot";
import type { WorkspacePatterns } from "../core/workspace-patterns.ts";
import { findPatternProblem } from "./ignore-pattern.ts";
import { textThat } from "./text-that.ts";

const maxPatterns = 200;

const patterns = (description: string) =>
  v.optional(
    v.pipe(
      v.array(textThat(findPatternProblem)),
      v.maxLength(maxPatterns, `has more than ${maxPatterns} patterns`),
      v.description(description),
    ),
  );

/** Further keys of a bottle and of an agent. */
export const workspaceEntries = {
  workspace: v.optional(
    v.strictObject({
      bring: patterns('Ignored files that come back, as .gitignore names files: "dist/", "*.whl"'),
      exclude: patterns('Files that do not go in, as .gitignore names files: ".env", "secrets/"'),
    }),
  ),
} as const;

interface RawPatterns {
  readonly workspace?:
    | { readonly bring?: readonly string[] | undefined; readonly exclude?: readonly string[] | undefined }
    | undefined;
}

/** Undefined for an entry that says nothing of it. */
export function readPatterns({ workspace }: RawPatterns): WorkspacePatterns | undefined {
  const read = joinPatterns([{ bring: workspace?.bring ?? [], exclude: workspace?.exclude ?? [] }]);
  return read.bring.length + read.exclude.length === 0 ? undefined : read;
}

/** All patterns, each once. Their order means nothing, since none takes back another. */
export function joinPatterns(all: readonly (WorkspacePatterns | undefined)[]): WorkspacePatterns {
  return {
    bring: [...new Set(all.flatMap((one) => one?.bring ?? []))],
    exclude: [...new Set(all.flatMap((one) => one?.exclude ?? []))],
  };
}
