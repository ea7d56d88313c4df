/** Branches and everything that moves them. */
import type { Maker } from "../picker.ts";

export const branchWork: readonly Maker[] = [
  { title: "branch", make: (picker) => `git branch ${picker.freshBranch()} ${picker.one(["", "HEAD~1"])}` },
  { title: "checkout -b", weight: 3, make: (picker) => `git checkout -q -b ${picker.freshBranch()}` },
  { title: "checkout", weight: 2, make: (picker) => `${picker.clean()} git checkout -q ${picker.branch()}` },
  { title: "switch", make: (picker) => `${picker.clean()} git switch -q ${picker.branch()}` },
  {
    title: "switch --orphan",
    make: (picker) => `${picker.clean()} git switch -q --orphan o${picker.next()}`,
  },
  {
    title: "detach",
    weight: 2,
    make: (picker) => `${picker.clean()} git checkout -q --detach ${picker.one(["HEAD", "HEAD~1", "topic"])}`,
  },
  {
    title: "merge",
    weight: 2,
    make: (picker) => `${picker.clean()} git merge -q --no-edit ${picker.branch()}`,
  },
  {
    title: "merge --no-ff",
    make: (picker) => `${picker.clean()} git merge -q --no-ff -m Merged ${picker.branch()}`,
  },
  { title: "merge --squash", make: (picker) => `${picker.clean()} git merge -q --squash ${picker.branch()}` },
  { title: "rebase", weight: 2, make: (picker) => `${picker.clean()} git rebase -q ${picker.branch()}` },
  {
    title: "rebase --onto",
    make: (picker) => `${picker.clean()} git rebase -q --onto HEAD~2 HEAD~1 ${picker.branch()}`,
  },
  {
    title: "fixup",
    make: (picker) =>
      `${picker.clean()} echo fix >> a.txt; git commit -q --fixup HEAD a.txt; git rebase -q -i --autosquash HEAD~2`,
  },
  {
    title: "cherry-pick",
    weight: 2,
    make: (picker) => `${picker.clean()} git cherry-pick ${picker.branch()}`,
  },
  {
    title: "revert",
    make: (picker) => `${picker.clean()} git revert --no-edit ${picker.one(["HEAD", "HEAD~1"])}`,
  },
  { title: "branch -f", make: (picker) => `git branch -f ${picker.branch()} HEAD~1` },
  { title: "branch -D", make: (picker) => `git branch -q -D ${picker.branch()}` },
  {
    title: "branch -m",
    make: (picker) => {
      const from = picker.branch();
      return `git branch -m ${from} ${picker.freshBranch()}`;
    },
  },
  {
    title: "a branch with a commit, then deleted",
    make: (picker) =>
      `git checkout -q -b doomed${picker.next()} && git commit -q --allow-empty -m Doomed && git checkout -q - && git branch -q -D doomed*`.replace(
        "doomed*",
        `"$(git for-each-ref --format='%(refname:short)' refs/heads/doomed* | head -n 1)"`,
      ),
  },
  { title: "am", make: (picker) => `${picker.clean()} git format-patch -q -1 --stdout topic | git am -q -3` },
  {
    title: "conflicts",
    make: (picker) =>
      `${picker.clean()} git checkout -q -b left${picker.next()} && printf 'left\\n' > a.txt && git commit -qam Left; git merge -q topic`,
  },
];

/** In a state in which git is in the middle of something. */
export const progressWork: readonly Maker[] = [
  {
    title: "go on with it",
    weight: 2,
    make: () =>
      `git add -A; git rebase --continue || git cherry-pick --continue || git revert --continue || git am --continue || git commit -qm Concluded`,
  },
  {
    title: "give it up",
    make: () =>
      `git merge --abort || git rebase --abort || git cherry-pick --abort || git revert --abort || git am --abort || git bisect reset`,
  },
  {
    title: "skip it",
    make: () => `git rebase --skip || git cherry-pick --skip || git am --skip || git bisect bad`,
  },
];
