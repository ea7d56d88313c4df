/** Forms of an index file that say the same in other ways. */
import { executedMark } from "../case.ts";
import type { Maker } from "../picker.ts";

export const indexForms: readonly Maker[] = [
  { title: "index version 4", make: () => `git update-index --index-version 4` },
  { title: "index version 2", make: () => `git update-index --force-write-index --index-version 2` },
  { title: "split index", make: () => `git update-index --split-index; echo s >> a.txt; git add a.txt` },
  { title: "untracked cache", make: () => `git update-index --untracked-cache; git status >/dev/null` },
  {
    title: "many files",
    make: () =>
      `git config feature.manyFiles true; git update-index --index-version 4; git status >/dev/null`,
  },
  { title: "no index", make: () => `rm -f "$(git rev-parse --git-path index)"` },
  {
    title: "a file system monitor",
    make: () =>
      `printf '#!/bin/sh\\ntouch "%s"; exit 1\\n' "$R/../${executedMark}" > "$R/home/watch"; chmod +x "$R/home/watch"; git config core.fsmonitor "$R/home/watch"`,
  },
  {
    title: "hooks",
    make: () =>
      `for hook in post-checkout post-index-change reference-transaction pre-auto-gc; do printf '#!/bin/sh\\ntouch "%s"\\n' "$R/../${executedMark}" > "$R/home/$hook"; chmod +x "$R/home/$hook"; done; git config core.hooksPath "$R/home"`,
  },
];
