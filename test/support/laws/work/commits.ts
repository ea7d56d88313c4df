/** Commits and what becomes of the index. */
import type { Maker } from "../picker.ts";

export const commitWork: readonly Maker[] = [
  { title: "add", weight: 3, make: (picker) => `git add -- ${picker.file()}` },
  { title: "add -A", weight: 3, make: () => `git add -A` },
  { title: "add -N", make: (picker) => `git add -N -- ${picker.file()}` },
  { title: "commit", weight: 5, make: (picker) => `git commit -qm 'Work ${picker.next()}'` },
  { title: "commit -a", weight: 4, make: (picker) => `git commit -qam 'Work ${picker.next()}'` },
  {
    title: "add and commit",
    weight: 4,
    make: (picker) => `git add -A; git commit -qm 'Work ${picker.next()}'`,
  },
  {
    title: "an edit committed",
    weight: 4,
    make: (picker) =>
      `printf 'more ${picker.next()}\\n' >> a.txt; git commit -qm 'Edit ${picker.next()}' a.txt`,
  },
  { title: "empty commit", make: (picker) => `git commit -q --allow-empty -m 'Empty ${picker.next()}'` },
  { title: "amend", weight: 2, make: (picker) => `git commit -q --amend -m 'Amended ${picker.next()}'` },
  {
    title: "part of a file staged",
    weight: 2,
    make: () =>
      `sed -i -e '1s/^/first /' -e '9s/$/ last/' a.txt; git diff -U0 a.txt | awk '/^@@/{n++} n<2' | git apply --cached --unidiff-zero`,
  },
  {
    title: "commit of what is staged alone",
    make: (picker) =>
      `echo staged >> b.txt; git add b.txt; echo not >> b.txt; git commit -qm 'Part ${picker.next()}'`,
  },
  { title: "reset --soft", make: () => `git reset -q --soft HEAD~1` },
  { title: "reset --mixed", make: () => `git reset -q HEAD~1` },
  {
    title: "reset --hard",
    make: (picker) => `git reset -q --hard ${picker.one(["HEAD", "HEAD~1", "topic"])}`,
  },
  { title: "reset of a path", make: (picker) => `git reset -q HEAD -- ${picker.file()}` },
  {
    title: "checkout of a path",
    make: (picker) => `git checkout -q ${picker.one(["", "HEAD~1"])} -- ${picker.file()}`,
  },
  { title: "restore --staged", make: () => `git restore --staged .` },
  {
    title: "a commit that is thrown away",
    weight: 2,
    make: (picker) =>
      `echo lost > lost${picker.next()}; git add -A; git commit -qm Lost; git reset -q --hard HEAD~1`,
  },
  {
    title: "update-index --skip-worktree",
    make: () => `echo hidden >> b.txt; git update-index --skip-worktree b.txt`,
  },
  {
    title: "update-index --assume-unchanged",
    make: () => `git update-index --assume-unchanged a.txt; echo assumed >> a.txt`,
  },
  {
    title: "update-index --no-skip-worktree",
    make: () => `git update-index --no-skip-worktree dir/c.txt b.txt`,
  },
  {
    title: "sparse-checkout",
    make: (picker) =>
      `git sparse-checkout ${picker.one(["set dir", "disable", "set --no-cone '/*' '!/dir/'"])}`,
  },
  {
    title: "a setting",
    make: (picker) =>
      `git config ${picker.one(["core.autocrlf input", "core.fileMode false", "core.symlinks false", "core.ignoreCase true"])}`,
  },
];
