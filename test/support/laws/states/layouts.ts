/** How the workspace came to be: the first step of every state. It runs in `$R` and makes `$W`. */
import type { Maker, Picker } from "../picker.ts";

const lines = (letter: string) => `${letter}\\n1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n9\\n`;

/** A first commit with files of many kinds, a second one, and two branches. */
function fill(picker: Picker): string {
  picker.files.push("./a.txt", "./b.txt", "./dir/c.txt", "./dir/deep/d.txt", "./run.sh", "./crlf.txt");
  picker.files.push("./bin.dat", "./'with space.txt'", "./empty");
  picker.branches.push("main", "feature", "topic");
  return `mkdir -p dir/deep
printf '${lines("a")}' > a.txt; printf '${lines("b")}' > b.txt; printf 'c\\n' > dir/c.txt; printf 'd\\n' > dir/deep/d.txt
printf '#!/bin/sh\\n' > run.sh; chmod +x run.sh; ln -s a.txt link; ln -s /etc/hostname link-out; ln -s nowhere dangling
printf 'x\\r\\ny\\r\\n' > crlf.txt; printf '\\0\\1\\2' > bin.dat; printf 's\\n' > 'with space.txt'; : > empty
printf '*.log\\n/out/\\n' > .gitignore
git add -A && git commit -qm First
git branch feature; git checkout -qb topic; printf 'topic\\n' >> a.txt; git commit -qam Topic
git checkout -q main; printf 'second\\n' > second.txt; git add second.txt; git commit -qm Second`;
}

const makeIn = (picker: Picker, folder: string, words = "") =>
  `git init -q ${words} ${folder} && cd ${folder} || exit\n${fill(picker)}`;

/** A server's repository at `$R/remote.git`, made from one that goes away. */
const makeRemote = (picker: Picker, words = "") =>
  `(${makeIn(picker, "seed", words)}
git tag -a v1.0 -m v1.0 HEAD~1)
git clone -q --bare seed remote.git; rm -rf seed`;

const branchesOfClone = `git branch -q topic origin/topic; git branch -q feature origin/feature`;

export const layouts: readonly Maker[] = [
  { title: "a repository", weight: 6, make: (picker) => makeIn(picker, "project") },
  {
    title: "a clone",
    weight: 4,
    make: (picker) =>
      `${makeRemote(picker)}\ngit clone -q "$R/remote.git" project && cd project && ${branchesOfClone}`,
  },
  {
    title: "a clone that is ahead and behind",
    make: (picker) => `${makeRemote(picker)}
git clone -q "$R/remote.git" project && cd project || exit
${branchesOfClone}
git reset -q --hard HEAD~1; printf 'ahead\\n' > ahead.txt; git add ahead.txt; git commit -qm Ahead`,
  },
  {
    title: "a clone on a feature branch without main",
    make: (picker) => `${makeRemote(picker)}
git clone -q "$R/remote.git" project && cd project || exit
git checkout -q -b mine; printf 'm\\n' > mine.txt; git add mine.txt; git commit -qm Mine; git branch -qD main; ${branchesOfClone}`,
  },
  {
    title: "a shallow clone",
    make: (picker) =>
      `${makeRemote(picker)}\ngit clone -q --depth ${picker.one([1, 2])} --no-single-branch "file://$R/remote.git" project`,
  },
  {
    title: "a partial clone",
    make: (picker) =>
      `${makeRemote(picker)}\ngit -C remote.git config uploadpack.allowFilter true
git clone -q --filter=${picker.one(["blob:none", "tree:0"])} "file://$R/remote.git" project`,
  },
  {
    title: "a clone that borrows objects",
    make: (picker) => `${makeRemote(picker)}
git config --global --add claude-bottle.borrowFrom "$R"
git clone -q --bare remote.git store.git; git clone -q ${picker.one([`--reference store.git "$R/remote.git"`, `--shared "$R/store.git"`])} project && cd project && ${branchesOfClone}`,
  },
  { title: "SHA-256", make: (picker) => makeIn(picker, "project", "--object-format=sha256") },
  {
    // Where git does not have it, as any other
    title: "reftable",
    make: (picker) =>
      `git init -q --ref-format=reftable project 2>/dev/null || git init -q project; cd project || exit\n${fill(picker)}`,
  },
  {
    title: "no commit yet",
    make: (picker) => {
      picker.files.push("./a.txt", "./b.txt");
      picker.branches.push("main");
      return `git init -q project; cd project || exit; printf 'a\\n' > a.txt; printf 'b\\n' > b.txt; ${picker.one([":", "git add a.txt", "git add -A"])}`;
    },
  },
  {
    title: "a linked worktree",
    weight: 2,
    make: (picker) => {
      const made = `(${makeIn(picker, "elsewhere")})\ngit -C elsewhere worktree add -q ../project `;
      picker.branches.push("linked");
      return made + picker.one(["-b linked", "--detach", "topic"]);
    },
  },
  {
    title: "a worktree of a bare repository",
    make: (picker) => {
      picker.branches.push("linked");
      return `${makeRemote(picker)}
mv remote.git bare.git; git -C bare.git worktree add -q ../project -b linked; git -C bare.git worktree add -q ../other topic`;
    },
  },
  {
    title: "a git folder elsewhere",
    make: (picker) => makeIn(picker, "project", `--separate-git-dir "$R/elsewhere.git"`),
  },
  {
    title: "detached head",
    make: (picker) =>
      `${makeIn(picker, "project")}\ngit checkout -q --detach ${picker.one(["HEAD", "HEAD~1", "topic"])}`,
  },
  {
    title: "a submodule as the workspace",
    make: (picker) => `${makeRemote(picker)}
git init -q . && git submodule --quiet add "$R/remote.git" project && git commit -qm Around`,
  },
];
