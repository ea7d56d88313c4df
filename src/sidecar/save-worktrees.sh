#!/bin/sh
# Linked worktrees outside of the workspace go with the container, and what is not committed in them too. This makes a commit of that in the
# repository's own objects, which are on the volume, and leaves its id beside the workspace under the worktree's name. It runs as the
# agent when the agent has ended, before it is ended, and before its work is pulled.
set -u
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_COMMON_DIR
cd "$HOME/workspace" || exit 0
saved=$HOME/.claude-bottle/kept/worktrees
export GIT_AUTHOR_NAME=claude-bottle GIT_AUTHOR_EMAIL=claude-bottle@localhost
export GIT_COMMITTER_NAME=claude-bottle GIT_COMMITTER_EMAIL=claude-bottle@localhost
run() { git -C "$folder" -c core.hooksPath=/dev/null -c core.fsmonitor=false -c gc.auto=0 "$@"; }
for own in "$PWD"/.git/worktrees/*/; do
  own=${own%/}
  name=${own##*/}
  [ -f "$own/gitdir" ] && IFS= read -r folder <"$own/gitdir" || continue
  folder=${folder%/.git}
  case $folder/ in "$PWD"/*) continue ;; esac
  [ -d "$folder" ] || continue
  mkdir -p "$saved" && rm -f "$saved/$name"
  # The worktree's own index stays as it is
  GIT_INDEX_FILE=$saved/index.$$
  export GIT_INDEX_FILE
  cp "$own/index" "$GIT_INDEX_FILE" 2>/dev/null
  run add --all >/dev/null 2>&1 && tree=$(run write-tree) && head=$(run rev-parse --verify --quiet HEAD) &&
    [ "$tree" != "$(run rev-parse "$head^{tree}")" ] &&
    run commit-tree "$tree" -p "$head" -m "Uncommitted changes in worktree $name" >"$saved/$name"
  rm -f "$GIT_INDEX_FILE"
  unset GIT_INDEX_FILE
done 2>/dev/null
:
