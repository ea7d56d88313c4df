/** Whether merging a commit would have git compare files without measure: it looks for renames among all that were removed and all that are new. */
import { runOnBrought } from "./brought-git.ts";
import type { BroughtRun } from "./brought-git.ts";

type Place = Omit<BroughtRun, "words">;

/**
 * What git itself takes for `git log` and `git diff`. For a merge its default is 7,000, which is a minute and a half for files of 4 KB, and
 * grows with their size.
 */
export const mergeRenameLimit = 1_000;

/** True if git would go beyond our limit in a merge of the commit into the repository's HEAD, or nobody can say. */
export async function isCostlyToMerge(place: Place, commit: string): Promise<boolean> {
  const base = await runOnBrought({ ...place, words: ["merge-base", "HEAD", commit] });
  // Without a commit in common there is nothing to compare: git refuses, or has no HEAD and takes all of it
  if (!base.isFine) return false;
  const words = ["diff-tree", "-r", "--no-renames", "--name-only", base.output.trim(), commit];
  const removed = await countLines({ ...place, words: [...words, "--diff-filter=D"] });
  const added = removed === 0 ? 0 : await countLines({ ...place, words: [...words, "--diff-filter=A"] });
  return removed === undefined || added === undefined || removed * added > mergeRenameLimit ** 2;
}

/** Undefined if it does not come to its end. */
async function countLines(run: BroughtRun): Promise<number | undefined> {
  const newline = 10;
  let count = 0;
  const { isFine } = await runOnBrought({
    ...run,
    onOutput(data) {
      for (const byte of data) if (byte === newline) count += 1;
      return true;
    },
  });
  return isFine ? count : undefined;
}
