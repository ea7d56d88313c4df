/** The entries of an index as `git ls-files -z -t -v --stage` lists them. */

export interface Tracked {
  readonly path: string;
  /** `100644`, `100755`, `120000`, `160000` for another repository's commit */
  readonly mode: string;
  readonly id: string;
  /** 0; in a conflict 1 to 3, for the common ancestor and the two sides */
  readonly stage: number;
  /** The user told git not to look at the file: skip-worktree or assume-unchanged */
  readonly isUnwatched: boolean;
}

const entry = /^(\S) (\d{6}) ([0-9a-f]{40,64}) ([0-3])\t([^]+)$/;

/** Lines of another form, such as those of untracked files, are left out. */
export function parseTracked(lines: readonly string[]): Tracked[] {
  return lines.flatMap((line) => {
    const [, tag = "", mode = "", id = "", stage, path = ""] = entry.exec(line) ?? [];
    if (path === "") return [];
    // S: skip-worktree; a small letter: assume-unchanged
    const isUnwatched = tag === "S" || (tag >= "a" && tag <= "z");
    return [{ path, mode, id, stage: Number(stage), isUnwatched }];
  });
}

export const gitlinkMode = "160000";
