/** Repositories in the repository: submodules in every condition, repositories that nobody has told git of, and linked worktrees. */
import type { Maker, Picker } from "../picker.ts";

const library = `git init -q "$R/remote-lib" && (cd "$R/remote-lib" && echo l > l.txt && git add -A && git commit -qm L && echo 2 >> l.txt && git commit -qam L2)`;

function withSubmodule(picker: Picker, more: string): string {
  picker.inner.push("sub");
  return `${library}\ngit submodule --quiet add "$R/remote-lib" sub && git commit -qm Submodule\n${more}`;
}

export const inner: readonly Maker[] = [
  { title: "a submodule", make: (picker) => withSubmodule(picker, ":") },
  {
    title: "a submodule that is not initialised",
    weight: 2,
    make: () =>
      `${library}\ngit submodule --quiet add "$R/remote-lib" sub && git commit -qm Submodule; git submodule --quiet deinit -f sub`,
  },
  {
    title: "a submodule whose folder is gone",
    make: () =>
      `${library}\ngit submodule --quiet add "$R/remote-lib" sub && git commit -qm Submodule; rm -rf sub`,
  },
  {
    title: "a dirty submodule",
    make: (picker) => withSubmodule(picker, `echo dirty >> sub/l.txt; echo new > sub/new.txt`),
  },
  {
    title: "a submodule at another commit",
    make: (picker) => withSubmodule(picker, `git -C sub checkout -q HEAD~1`),
  },
  {
    title: "a submodule with a commit of its own",
    make: (picker) =>
      withSubmodule(
        picker,
        `(cd sub && echo own > own.txt && git add own.txt && git commit -qm Own) && git add sub`,
      ),
  },
  {
    title: "a submodule in a submodule",
    make: (picker) => {
      picker.inner.push("sub", "sub/below");
      return `${library}\ngit init -q "$R/remote-mid" && (cd "$R/remote-mid" && echo m > m && git add m && git commit -qm M && git submodule --quiet add "$R/remote-lib" below && git commit -qm Below)
git submodule --quiet add "$R/remote-mid" sub && git submodule --quiet update --init --recursive && git commit -qm Submodule`;
    },
  },
  {
    title: "a submodule whose .git is a folder",
    make: (picker) => {
      picker.inner.push("sub");
      return `${library}\ngit clone -q "$R/remote-lib" sub && git submodule --quiet add "$R/remote-lib" sub && git commit -qm Submodule`;
    },
  },
  {
    title: "a submodule that was added and not committed",
    make: (picker) => {
      picker.inner.push("sub");
      return `${library}\ngit submodule --quiet add "$R/remote-lib" sub`;
    },
  },
  {
    title: "a submodule that was removed",
    make: (picker) =>
      withSubmodule(picker, `git rm -q -f sub; ${picker.one([":", "git commit -qm Removed"])}`),
  },
  {
    title: "a submodule that status is told to pass over",
    make: (picker) => withSubmodule(picker, `echo dirty >> sub/l.txt; git config submodule.sub.ignore all`),
  },
  {
    title: "a repository that git was not told of",
    weight: 2,
    make: (picker) => {
      picker.inner.push("nested");
      return `git init -q nested && (cd nested && echo n > n.txt && git add -A && git commit -qm N && echo more > more.txt)`;
    },
  },
  { title: "a repository without a commit in it", make: () => `git init -q nested && echo n > nested/n.txt` },
  {
    title: "a repository inside as a link without .gitmodules",
    make: (picker) => {
      picker.inner.push("nested");
      return `git init -q nested && (cd nested && echo n > n.txt && git add -A && git commit -qm N); git add nested; git commit -qm 'A link'`;
    },
  },
  {
    title: "a worktree beside it",
    weight: 2,
    make: (picker) => `git worktree add -q ../side -b side${picker.next()}; echo s > ../side/s`,
  },
  {
    title: "a worktree inside",
    make: (picker) => `git worktree add -q trees/one -b inside${picker.next()}; echo s > trees/one/s`,
  },
  {
    title: "a worktree in an ignored place",
    make: (picker) => `git worktree add -q out/tree -b ignored${picker.next()}; echo s > out/tree/s`,
  },
  {
    title: "a worktree that is gone",
    make: (picker) => `git worktree add -q ../gone -b gone${picker.next()}; rm -rf ../gone`,
  },
];
