/** Linked worktrees, as Claude Code's own agents use them: inside, in an ignored place, and beside the workspace. */
import type { Maker, Picker } from "../picker.ts";

function add(picker: Picker, more: (folder: string) => string): string {
  const number = picker.next();
  const folder = picker.one([`trees/w${number}`, `out/w${number}`, `../beside${number}`]);
  const head = picker.one([`-b wt${number}`, `-b wt${number} HEAD~1`, "--detach"]);
  picker.branches.push(`wt${number}`);
  picker.worktrees.push(folder);
  const [words = "", base = ""] = head.split(/(?= HEAD~1$)/);
  return `git worktree add -q ${words} ${folder}${base} && (cd ${folder} && ${more(folder)})`;
}

export const worktreeWork: readonly Maker[] = [
  { title: "a worktree", make: (picker) => add(picker, () => ":") },
  {
    title: "a worktree with changes",
    weight: 3,
    make: (picker) => add(picker, () => `echo precious > new; echo more >> a.txt`),
  },
  {
    title: "a worktree with a commit",
    weight: 2,
    make: (picker) => add(picker, () => `echo w > w; git add w; git commit -qm Worktree`),
  },
  {
    title: "a worktree with a commit and changes",
    weight: 2,
    make: (picker) =>
      add(picker, () => `echo w > w; git add w; git commit -qm Worktree; echo w2 >> w; rm -f b.txt`),
  },
  {
    title: "a worktree that is removed again",
    make: (picker) =>
      add(
        picker,
        (folder) =>
          `git commit -q --allow-empty -m Gone; cd - >/dev/null; git worktree remove --force ${folder}`,
      ),
  },
  {
    title: "more in a worktree",
    make: (picker) =>
      picker.worktrees.length === 0
        ? ":"
        : `cd ${picker.one(picker.worktrees)} && echo ${picker.next()} >> more && ${picker.one([":", "git add -A && git commit -qm More", "git stash push -q -u"])}`,
  },
];
