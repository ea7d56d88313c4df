/** Things that git is in the middle of, with conflicts of every kind. They begin with a clean index. */
import type { Maker } from "../picker.ts";

/** On two branches that meet: `ours` on this one, `theirs` on branch `other` */
const diverge = (ours: string, theirs: string) =>
  `git branch -q other; ${ours}; git add -A .; git commit -qm Ours
git checkout -q other && ${theirs}; git add -A .; git commit -qm Theirs; git checkout -q -`;

const content = diverge(`printf 'ours\\n' > a.txt`, `printf 'theirs\\n' > a.txt; echo clean > clean.txt`);

export const progress: readonly Maker[] = [
  { title: "a merge with a conflict", weight: 3, make: () => `${content}\ngit merge -q other` },
  {
    title: "a merge that is not committed",
    weight: 2,
    make: () => `${diverge("echo o > o.txt", "echo t > t.txt")}\ngit merge -q --no-commit --no-ff other`,
  },
  {
    title: "a merge whose conflicts are mended",
    make: () => `${content}\ngit merge -q other; printf 'both\\n' > a.txt; git add a.txt`,
  },
  {
    title: "changed here, deleted there",
    make: () => `${diverge("echo o >> a.txt", "git rm -q a.txt")}\ngit merge -q other`,
  },
  {
    title: "deleted here, changed there",
    make: () => `${diverge("git rm -q a.txt", "echo t >> a.txt")}\ngit merge -q other`,
  },
  { title: "added by both", make: () => `${diverge("echo o > both", "echo t > both")}\ngit merge -q other` },
  {
    title: "renamed by both",
    make: () => `${diverge("git mv a.txt a1.txt", "git mv a.txt a2.txt")}\ngit merge -q other`,
  },
  {
    title: "a file here, a folder there",
    make: () => `${diverge("echo o > thing", "mkdir -p thing; echo t > thing/t")}\ngit merge -q other`,
  },
  {
    title: "a mode here, a link there",
    make: () =>
      `${diverge("rm b.txt; ln -s a.txt b.txt", "echo t >> b.txt; chmod +x b.txt")}\ngit merge -q other`,
  },
  {
    title: "a squashed merge",
    make: () => `${diverge("echo o > o.txt", "echo t > t.txt")}\ngit merge -q --squash other`,
  },
  { title: "a rebase with a conflict", weight: 2, make: () => `${content}\ngit rebase -q other` },
  {
    title: "an interactive rebase that stopped to edit",
    make: () =>
      `echo 1 > e1; git add e1; git commit -qm E1; echo 2 > e2; git add e2; git commit -qm E2; GIT_SEQUENCE_EDITOR="sed -i '1s/pick/edit/'" git rebase -q -i HEAD~2`,
  },
  { title: "a rebase by patches", make: () => `${content}\ngit rebase -q --apply other` },
  {
    title: "a rebase with an autostash",
    make: () => `${content}\necho mine >> b.txt; git rebase -q --autostash other`,
  },
  { title: "a cherry-pick with a conflict", make: () => `${content}\ngit cherry-pick other` },
  {
    title: "several cherry-picks",
    make: () =>
      `${content}\ngit checkout -q other; echo t2 > t2; git add t2; git commit -qm T2; git checkout -q -; git cherry-pick other~1 other`,
  },
  {
    title: "a revert with a conflict",
    make: () =>
      `echo 1 >> a.txt; git commit -qam R1; echo 2 >> a.txt; git commit -qam R2; git revert --no-edit HEAD~1`,
  },
  {
    title: "a revert that is not committed",
    make: () => `echo 1 >> a.txt; git commit -qam R1; git revert -n HEAD`,
  },
  {
    title: "a bisect",
    make: () =>
      `for i in 1 2 3 4; do echo $i > bi; git add bi; git commit -qm "B$i"; done; git bisect start -q HEAD HEAD~4`,
  },
  {
    title: "patches that do not apply",
    make: () =>
      `${content}\ngit format-patch -q -1 --stdout other > "$R/one.patch"; git am -q -3 "$R/one.patch"`,
  },
  {
    title: "a stash that did not apply",
    make: () =>
      `echo st >> a.txt; git stash push -q; printf 'other\\n' > a.txt; git commit -qam O; git stash pop -q`,
  },
  {
    title: "an unborn branch",
    make: (picker) => `git checkout -q --orphan unborn; ${picker.one([":", "git rm -rqf ."])}`,
  },
];
