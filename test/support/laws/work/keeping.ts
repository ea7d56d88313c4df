/** Stashes, tags, notes, and what git does to its own store. */
import type { Maker } from "../picker.ts";

export const keepingWork: readonly Maker[] = [
  {
    title: "stash",
    weight: 3,
    make: (picker) =>
      `echo ${picker.next()} >> a.txt; git stash push -q ${picker.one(["", "-u", "-m 'In words'", "--keep-index"])}`,
  },
  {
    title: "stash pop",
    make: (picker) => `${picker.one(["", "echo kept >> a.txt; git stash push -q;"])} git stash pop -q`,
  },
  { title: "stash apply", make: () => `echo kept >> a.txt; git stash push -q; git stash apply -q` },
  {
    title: "stash drop",
    make: (picker) => `${picker.one(["", "echo dropped >> a.txt; git stash push -q;"])} git stash drop -q`,
  },
  {
    title: "two stashes",
    make: () => `echo one >> a.txt; git stash push -q; echo two >> a.txt; git stash push -q`,
  },
  {
    title: "stash branch",
    make: (picker) => `echo sb >> a.txt; git stash push -q; git stash branch sb${picker.next()}`,
  },
  { title: "tag", weight: 2, make: (picker) => `git tag t${picker.next()}` },
  {
    title: "tag -a",
    weight: 2,
    make: (picker) => `git tag -a -m Tagged ${picker.one(["", "v/"])}a${picker.next()}`,
  },
  {
    title: "tag of a commit that is on no branch",
    make: (picker) => `git tag off${picker.next()} "$(git commit-tree -m Off -p HEAD "HEAD^{tree}")"`,
  },
  {
    title: "tag -f",
    make: (picker) =>
      `git tag -f v1.0 HEAD; ${picker.tags.length > 0 ? `git tag -f -a -m Moved ${picker.one(picker.tags)} HEAD` : ":"}`,
  },
  { title: "tag -d", make: (picker) => `git tag -d v1.0 ${picker.tags.join(" ")}` },
  {
    title: "notes",
    weight: 2,
    make: (picker) => `git notes ${picker.one(["", "--ref review"])} add -f -m 'Note ${picker.next()}'`,
  },
  { title: "gc", make: () => `git gc -q` },
  { title: "gc --prune=now", make: () => `git reflog expire --expire=now --all; git gc -q --prune=now` },
  { title: "pack-refs", make: () => `git pack-refs --all` },
  { title: "reflog expire", make: () => `git reflog expire --expire=now --all` },
  { title: "repack", make: () => `git repack -q -a -d` },
  {
    title: "replace",
    make: () => `git replace -f HEAD "$(git commit-tree -m Replaced -p HEAD~1 "HEAD^{tree}")"`,
  },
  {
    title: "index-version",
    make: () => `git update-index --index-version 4; git update-index --split-index`,
  },
];
