/** Settings that decide what git takes for changed, wherever git reads them from. */
import { inInfo } from "../picker.ts";
import type { Maker } from "../picker.ts";

/** Files written anew as the settings want them */
const checkedOut = `git ls-files -z | xargs -0 rm -f -- && git checkout -q -- .`;

const keys = [
  "core.autocrlf true",
  "core.autocrlf input",
  "core.eol crlf",
  "core.quotePath false",
  "core.precomposeUnicode true",
  "status.showUntrackedFiles no",
  "status.showUntrackedFiles all",
  "status.renames false",
  "core.safecrlf true",
  "core.trustctime false",
  "core.checkStat minimal",
];

export const settings: readonly Maker[] = [
  {
    title: "a setting, then everything checked out anew",
    weight: 4,
    make: (picker) => `git config ${picker.one(keys)} && ${checkedOut}`,
  },
  {
    title: "a setting of the user, then everything checked out anew",
    weight: 2,
    make: (picker) => `git config --global ${picker.one(keys)} && ${checkedOut}`,
  },
  {
    title: "a setting by GIT_CONFIG_GLOBAL",
    make: (picker) => ({
      script: `git config --file "$R/home/other" ${picker.one(keys)} && ${checkedOut}`,
      env: { GIT_CONFIG_GLOBAL: "$R/home/other" },
    }),
  },
  {
    title: "a setting by the system",
    make: (picker) => ({
      script: `git config --file "$R/system" ${picker.one(keys)} && ${checkedOut}`,
      env: { GIT_CONFIG_SYSTEM: "$R/system" },
    }),
  },
  {
    title: "a setting by an include for this folder",
    make: (picker) =>
      `git config --file "$R/home/work" ${picker.one(keys)} && git config --global includeIf.gitdir:"$R/".path "$R/home/work" && ${checkedOut}`,
  },
  {
    title: "core.fileMode=false",
    weight: 2,
    make: () => `git config core.fileMode false; chmod +x a.txt; chmod -x run.sh`,
  },
  {
    title: "core.symlinks=false",
    weight: 2,
    make: () => `git config core.symlinks false; rm -f link link-out dangling; git checkout -q -- .`,
  },
  {
    title: "core.ignoreCase",
    make: () => `git config core.ignoreCase true; [ ! -f b.txt ] || mv b.txt B.txt`,
  },
  {
    title: "worktree settings",
    make: () =>
      // Where the repository is bare its `core.bare` would count for every worktree from then on (git-worktree(1))
      `[ "$(git --git-dir="$(git rev-parse --git-common-dir)" config core.bare)" = true ] || { git config extensions.worktreeConfig true; git config --worktree core.fileMode false; chmod +x a.txt; }`,
  },
];

/** Settings that came after the files: what is clean is so by the index's own memory of the files' times. */
export const lateSettings: readonly Maker[] = [
  {
    title: "core.autocrlf after the checkout",
    make: (picker) => `git config core.autocrlf ${picker.one(["true", "input"])}`,
  },
  {
    title: "attributes after the checkout",
    make: () => `${inInfo} printf '*.txt text eol=crlf\\n' > "$(git rev-parse --git-path info/attributes)"`,
  },
  {
    title: "core.fileMode after the checkout",
    make: (picker) => `git config core.fileMode ${picker.one(["true", "false"])}`,
  },
  {
    title: "a filter after the checkout",
    make: () => ({
      script: `${inInfo} git config filter.late.clean 'tr a-z A-Z' && echo '*.txt filter=late' >> "$(git rev-parse --git-path info/attributes)"`,
      isForRestOnly: true,
    }),
  },
];
