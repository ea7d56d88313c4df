/** What an agent does to files, with and without git. */
import type { Maker } from "../picker.ts";
import { inInfo, write } from "../picker.ts";

export const fileWork: readonly Maker[] = [
  { title: "edit", weight: 6, make: (picker) => `printf 'edit ${picker.next()}\\n' >> ${picker.file()}` },
  { title: "new file", weight: 5, make: (picker) => write(picker.freshFile(), `made ${picker.next()}\\n`) },
  { title: "rm", weight: 2, make: (picker) => `rm -f -- ${picker.file()}` },
  { title: "rm -r", make: () => `rm -rf dir` },
  { title: "git rm", make: (picker) => `git rm -q -f -- ${picker.file()}` },
  { title: "git rm --cached", make: (picker) => `git rm -q --cached -- ${picker.file()}` },
  {
    title: "git mv",
    make: (picker) => {
      const to = `./moved${picker.next()}.txt`;
      const from = picker.file();
      picker.files.push(to);
      return `git mv -- ${from} ${to}`;
    },
  },
  { title: "mv", make: (picker) => `mv -- ${picker.file()} ./elsewhere${picker.next()}.txt` },
  { title: "chmod +x", make: (picker) => `chmod +x -- ${picker.file()}` },
  { title: "chmod -x", make: () => `chmod -x run.sh` },
  {
    title: "chmod 000",
    make: (picker) => `printf 'locked ${picker.next()}\\n' >> ${picker.file()}; chmod 000 ./a.txt ./b.txt`,
  },
  {
    title: "a link",
    make: (picker) =>
      `ln -s ${picker.one(["a.txt", "../..", "/etc/passwd", "nowhere"])} new-link${picker.next()}`,
  },
  { title: "a link in place of a file", make: () => `rm -f b.txt; ln -s a.txt b.txt` },
  { title: "a folder in place of a file", make: () => `rm -f b.txt; mkdir -p b.txt; echo in > b.txt/in` },
  { title: "a file in place of a folder", make: () => `rm -rf dir; echo file > dir` },
  {
    title: "an ignored file",
    make: (picker) => `echo log > w${picker.next()}.log; mkdir -p out; echo o > out/w`,
  },
  {
    title: "files that the user's own patterns ignore",
    weight: 2,
    make: (picker) => {
      const number = picker.patterns.length === 0 ? 0 : picker.one(picker.patterns);
      const commit = picker.one([":", "git add -A; git commit -qm 'With output'"]);
      return `mkdir -p secret${number} dir; echo o > secret${number}/made; echo o > dir/made.local${number}; ${commit}`;
    },
  },
  {
    title: "an ignored file added all the same",
    make: (picker) =>
      `echo log > forced.log; git add -f forced.log; ${picker.one([":", "git commit -qm Forced"])}`,
  },
  {
    title: "a pattern ignored",
    make: (picker) => `echo '*.tmp' >> .gitignore; echo t > x${picker.next()}.tmp`,
  },
  {
    title: "a pattern excluded here alone",
    make: (picker) =>
      `${inInfo} echo '*.mine' >> "$(git rev-parse --git-path info/exclude)"; echo t > x${picker.next()}.mine`,
  },
  { title: "attributes", make: () => `printf '*.txt text eol=crlf\\n' >> .gitattributes` },
  { title: "CRLF", make: () => `printf 'one\\r\\ntwo\\r\\n' > ./b.txt` },
  {
    title: "same size, same time",
    make: () =>
      `touch -r a.txt stamp; tr 1-9 a-i < a.txt > a.new && cat a.new > a.txt; rm -f a.new; touch -r stamp a.txt; rm stamp`,
  },
  { title: "clean", make: (picker) => `git clean ${picker.one(["-fdq", "-fdxq", "-fq"])}` },
  { title: "empty folders", make: () => `mkdir -p hollow/of/agent` },
  { title: "a pipe", make: () => `mkfifo pipe` },
];
