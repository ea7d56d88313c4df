/** What an index knows of files beside their content. */
import type { Maker } from "../picker.ts";

/** The user's own edit, which stays out */
const local = (file: string) =>
  `git update-index --skip-worktree ${file} && printf 'for me alone\\n' >> ${file}`;

export const flags: readonly Maker[] = [
  { title: "skip-worktree with an edit", weight: 2, make: () => local("dir/c.txt") },
  {
    title: "skip-worktree without the file",
    make: () => `git update-index --skip-worktree dir/c.txt && rm -f dir/c.txt`,
  },
  { title: "skip-worktree as it was", make: () => `git update-index --skip-worktree b.txt` },
  {
    title: "assume-unchanged with an edit",
    make: () => `git update-index --assume-unchanged b.txt && echo assumed >> b.txt`,
  },
  {
    title: "assume-unchanged without the file",
    make: () => `git update-index --assume-unchanged b.txt && rm -f b.txt`,
  },
  {
    title: "sparse checkout by cones",
    weight: 2,
    make: (picker) => `git sparse-checkout set ${picker.one(["dir", "dir/deep", "nothing"])}`,
  },
  {
    title: "sparse checkout by patterns",
    weight: 2,
    make: () => `git sparse-checkout set --no-cone '/*' '!/dir/'`,
  },
  {
    title: "sparse checkout with a sparse index",
    make: () => `git sparse-checkout set --sparse-index dir/deep`,
  },
  {
    title: "sparse checkout with a file that should not be there",
    make: () =>
      `git sparse-checkout set dir/deep; mkdir -p dir; git show HEAD:dir/c.txt > dir/c.txt; echo back > second.txt`,
  },
  {
    title: "sparse checkout that was switched off",
    make: () => `git sparse-checkout set dir; git sparse-checkout disable`,
  },
];
