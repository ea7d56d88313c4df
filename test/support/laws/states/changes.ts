/** Changes that are not committed: in the index, in the work tree, in both. */
import type { Maker } from "../picker.ts";
import { write } from "../picker.ts";

export const changes: readonly Maker[] = [
  {
    title: "untracked file",
    weight: 4,
    make: (picker) => write(picker.freshFile(), `untracked ${picker.next()}\\n`),
  },
  {
    title: "staged file",
    weight: 3,
    make: (picker) => {
      const file = picker.freshFile();
      return `${write(file, `staged ${picker.next()}\\n`)} && git add -- ${file}`;
    },
  },
  {
    title: "changed file",
    weight: 3,
    make: (picker) => `printf 'changed ${picker.next()}\\n' >> ${picker.file()}`,
  },
  {
    title: "half-staged file",
    weight: 2,
    make: (picker) => {
      const file = picker.file();
      return `printf 'staged ${picker.next()}\\n' >> ${file}; git add -- ${file}; printf 'not staged\\n' >> ${file}`;
    },
  },
  {
    title: "staged, then deleted",
    make: (picker) => {
      const file = picker.freshFile();
      return `${write(file, "short-lived\\n")} && git add -- ${file} && rm -- ${file}`;
    },
  },
  {
    title: "intent to add",
    weight: 2,
    make: (picker) => {
      const file = picker.freshFile();
      return `${write(file, "intended\\n")} && git add -N -- ${file}`;
    },
  },
  { title: "deleted file", weight: 2, make: (picker) => `rm -f -- ${picker.file()}` },
  { title: "deletion staged", make: (picker) => `git rm -q -f -- ${picker.file()}` },
  { title: "removed from the index alone", make: (picker) => `git rm -q --cached -- ${picker.file()}` },
  {
    title: "renamed file",
    make: (picker) => {
      const number = picker.next();
      picker.files.push(`./moved${number}.txt`);
      return `git mv -- ${picker.file()} ./moved${number}.txt`;
    },
  },
  { title: "file in place of a link", make: () => `rm -f link; echo file > link` },
  {
    title: "link in place of a file",
    make: (picker) => `rm -f ./b.txt; ln -s ${picker.one(["a.txt", "..", "/nonexistent/at/all"])} ./b.txt`,
  },
  {
    title: "folder in place of a file",
    make: () => `rm -f ./b.txt; mkdir -p b.txt && echo inside > b.txt/inside`,
  },
  { title: "file in place of a folder", make: () => `rm -rf dir/deep; echo file > dir/deep` },
  { title: "link in place of a folder", make: () => `rm -rf dir; ln -s /nonexistent/at/all dir` },
  {
    title: "mode changed",
    make: (picker) => `chmod +x a.txt; chmod ${picker.one(["-x", "600", "700"])} run.sh`,
  },
  { title: "mode in the index alone", make: () => `git update-index --chmod=+x a.txt` },
  { title: "mode 600", make: (picker) => `chmod 600 ${picker.file()}` },
  { title: "empty folders", make: () => `mkdir -p hollow/inner dir/hollow` },
  {
    title: "binary file",
    make: (picker) => `head -c 3000 /dev/zero | tr '\\0' '\\377' > ./blob${picker.next()}.bin`,
  },
  { title: "a file with CRLF", make: (picker) => write(picker.freshFile(), "one\\r\\ntwo\\r\\n") },
  { title: "a large file", make: (picker) => `head -c 300000 /dev/zero > ./large${picker.next()}` },
  { title: "everything deleted", weight: 0.3, make: () => `git ls-files -z | xargs -0 rm -f --` },
  { title: "everything removed from the index", weight: 0.3, make: () => `git rm -rq --cached .` },
  // Not linked: git knows no hard links, and in a bottle each name is a file of its own
  { title: "a copy of a file", make: () => `cp -p a.txt hard.txt` },
];
