/** Commits, refs and objects beside those of the layout. */
import { thrownAway } from "../case.ts";
import type { Maker } from "../picker.ts";
import { write } from "../picker.ts";

const text = (content: string) => content.replaceAll("\n", "\\n");

export const history: readonly Maker[] = [
  {
    title: "a commit",
    weight: 2,
    make: (picker) => {
      const file = picker.freshFile();
      return `${write(file, `text ${picker.next()}\\n`)} && git add -- ${file} && git commit -qm 'One more'`;
    },
  },
  {
    title: "tags",
    make: (picker) => {
      const [light, heavy] = [`t${picker.next()}`, `rel/${picker.next()}`];
      picker.tags.push(light, heavy);
      return `git tag ${light} HEAD~1; git tag -a -m Release ${heavy}; git tag of-blob HEAD:a.txt`;
    },
  },
  {
    title: "a merge",
    make: (picker) =>
      `git checkout -q -b side${picker.next()} HEAD~1 && echo side > side.txt && git add side.txt && git commit -qm Side; git checkout -q - && git merge -q --no-edit -m Merged @{-1}`,
  },
  {
    title: "an orphan branch",
    make: (picker) => {
      const name = `orphan${picker.next()}`;
      picker.branches.push(name);
      return `commit=$(git commit-tree -m Orphan "$(git write-tree)") && git branch ${name} "$commit"`;
    },
  },
  {
    title: "branches of awkward names",
    make: (picker) => {
      picker.freshBranch();
      return `git branch 'x/y/z'; git branch 'UPPER'; git branch 'ümläut'; git branch 'a@b'; git branch 'h#1'; git branch ${picker.branches.at(-1)}`;
    },
  },
  { title: "notes", make: () => `git notes add -m 'A note' HEAD; git notes --ref review add -m Fine HEAD~1` },
  {
    title: "a replaced commit",
    make: () => `git replace HEAD "$(git commit-tree -m Replaced -p HEAD~1 "HEAD^{tree}")"`,
  },
  { title: "packed refs", make: () => `git pack-refs --all` },
  { title: "everything packed", make: () => `git gc -q` },
  {
    title: "something committed and thrown away",
    make: () =>
      `printf '${text(thrownAway)}' > thrown.txt && git add thrown.txt && git commit -qm Thrown && { git reset -q --hard HEAD~1 || git update-ref -d HEAD && git rm -qf --cached thrown.txt && rm thrown.txt; }`,
  },
  {
    title: "a stash",
    make: (picker) =>
      `printf 'stashed\\n' >> ${picker.file()}; git stash push -q; printf 'again\\n' >> ${picker.file()}; git stash push -q -m Second`,
  },
  {
    title: "a remote with branches that are nowhere else",
    make: () => `git remote add upstream https://user:secret@git.example/x.git
git update-ref refs/remotes/upstream/main "$(git commit-tree -m Upstream -p HEAD "HEAD^{tree}")"; git symbolic-ref refs/remotes/upstream/HEAD refs/remotes/upstream/main`,
  },
  {
    title: "an upstream that is a branch here",
    make: () => `git branch -q --set-upstream-to=topic`,
  },
  {
    title: "an upstream that is gone",
    make: () =>
      `b=$(git symbolic-ref --short HEAD) && git config branch.$b.remote origin && git config branch.$b.merge refs/heads/gone`,
  },
  {
    title: "refs of other kinds",
    make: () =>
      `git update-ref refs/custom/one HEAD; git update-ref refs/pull/1/head HEAD~1; git update-ref refs/heads/from-pull HEAD~1`,
  },
  { title: "a commit graph", make: () => `git commit-graph write --reachable` },
];
