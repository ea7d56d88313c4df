/** What is ignored, by every place that git reads patterns from, with files that they keep out. */
import { inInfo } from "../picker.ts";
import type { Draft, Maker } from "../picker.ts";

/** Named by a number, so that two patterns never speak of the same file */
function ignored(number: number, rule: string, env: Draft["env"] = {}): Draft {
  const files = `mkdir -p secret${number} dir; echo KEY > secret${number}/key; echo KEY > kept.local${number}; echo KEY > dir/x.local${number}`;
  return { script: `printf '/secret${number}/\\n*.local${number}\\n' ${rule}\n${files}`, env };
}

const setExcludes = (scope: string, number: number, path: string) =>
  `> "$R/home/list${number}"; git config ${scope} core.excludesFile "${path}"`;

export const ignores: readonly Maker[] = [
  { title: "ignored by .gitignore", make: (picker) => ignored(picker.pattern(), ">> .gitignore") },
  {
    title: "ignored by a .gitignore below, which ignores itself",
    make: (picker) => {
      const number = picker.next();
      return `mkdir -p cache${number}/x; echo '*' > cache${number}/.gitignore; echo KEY > cache${number}/x/y`;
    },
  },
  {
    title: "ignored by info/exclude",
    weight: 2,
    make: (picker) =>
      ignored(picker.pattern(), `| { ${inInfo} cat >> "$(git rev-parse --git-path info/exclude)"; }`),
  },
  {
    title: "ignored by the user's core.excludesFile",
    make: (picker) => {
      const number = picker.pattern();
      return ignored(number, setExcludes("--global", number, `~/list${number}`));
    },
  },
  {
    title: "ignored by the repository's core.excludesFile",
    make: (picker) => {
      const number = picker.pattern();
      return ignored(number, setExcludes("--local", number, `$R/home/list${number}`));
    },
  },
  {
    title: "ignored by ~/.config/git/ignore",
    weight: 2,
    make: (picker) =>
      ignored(picker.pattern(), `| { mkdir -p "$R/home/.config/git"; cat >> "$R/home/.config/git/ignore"; }`),
  },
  {
    title: "ignored by XDG_CONFIG_HOME",
    make: (picker) => ({
      ...ignored(picker.pattern(), `| { mkdir -p "$R/home/xdg/git"; cat >> "$R/home/xdg/git/ignore"; }`),
      env: { XDG_CONFIG_HOME: "$R/home/xdg" },
    }),
  },
  {
    title: "ignored by GIT_CONFIG_GLOBAL",
    make: (picker) => {
      const number = picker.pattern();
      const rule = `> "$R/home/list${number}"; git config --file "$R/home/other" core.excludesFile "$R/home/list${number}"`;
      return ignored(number, rule, { GIT_CONFIG_GLOBAL: "$R/home/other" });
    },
  },
  {
    title: "ignored by the system",
    make: (picker) => {
      const number = picker.pattern();
      const rule = `> "$R/home/list${number}"; git config --file "$R/system" core.excludesFile "$R/home/list${number}"`;
      return ignored(number, rule, { GIT_CONFIG_SYSTEM: "$R/system" });
    },
  },
  {
    title: "ignored by GIT_CONFIG_COUNT",
    make: (picker) => {
      const number = picker.pattern();
      return ignored(number, `> "$R/home/list${number}"`, {
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "core.excludesFile",
        GIT_CONFIG_VALUE_0: `$R/home/list${number}`,
      });
    },
  },
  {
    title: "a tracked file that is ignored",
    make: (picker) => {
      picker.files.push("./tracked.log");
      return `echo t > tracked.log; git add -f tracked.log; ${picker.one([":", "git commit -qm Tracked"])}`;
    },
  },
  {
    title: "all ignored but what is named",
    weight: 0.4,
    make: () =>
      `printf '*\\n!*/\\n!*.txt\\n' >> .gitignore; echo KEY > other.key; mkdir -p dir; echo KEY > dir/other.key`,
  },
  {
    title: "an ignored folder with a repository in it",
    make: () =>
      `mkdir -p out/vendor && git init -q out/vendor && echo v > out/vendor/v && git -C out/vendor add v && git -C out/vendor commit -qm V`,
  },
];
