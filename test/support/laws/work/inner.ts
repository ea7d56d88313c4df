/** Work in repositories inside: submodules, those that were there, and those that the agent makes. */
import type { Maker, Picker } from "../picker.ts";

const inside = (picker: Picker, script: string) =>
  picker.inner.length === 0 ? ":" : `cd ${picker.one(picker.inner)} && [ -e .git ] && { ${script}; }`;

export const innerWork: readonly Maker[] = [
  {
    title: "a commit inside",
    weight: 2,
    make: (picker) => inside(picker, `echo i > i${picker.next()}; git add -A; git commit -qm Inside`),
  },
  {
    title: "a branch inside",
    make: (picker) =>
      inside(picker, `git checkout -q -b in${picker.next()}; git commit -q --allow-empty -m Inside`),
  },
  {
    title: "changes inside",
    weight: 2,
    make: (picker) => inside(picker, `echo i > i${picker.next()}; rm -f l.txt`),
  },
  {
    title: "a commit inside and its link",
    make: (picker) =>
      inside(
        picker,
        `echo i >> i; git add -A; git commit -qm Inside; cd "$(git rev-parse --show-toplevel)/.."; git add -A .; git commit -qm Link`,
      ),
  },
  { title: "a submodule removed", make: () => `git rm -q -f sub` },
  { title: "submodule deinit", make: () => `git submodule --quiet deinit -f sub` },
  {
    title: "a repository of its own",
    make: (picker) => {
      const name = `own${picker.next()}`;
      return `git init -q ${name}; cd ${name} && echo o > o.txt && git add o.txt && ${picker.one([":", "git commit -qm Own", "git commit -qm Own && echo more > more.txt", "git commit -qm Own && git checkout -q -b second && git commit -q --allow-empty -m Second"])}`;
    },
  },
  {
    title: "a repository in an ignored place",
    make: () =>
      `mkdir -p out && git init -q out/own; cd out/own && echo o > o.txt && git add o.txt && git commit -qm Own`,
  },
];
