#!/bin/sh
# What a CI job does: three agents side by side, each with a prompt of its own, their results collected, the job red if one failed.
# Usage: three-agents.sh CLAUDE-BOTTLE. Prints "AGENT EXIT-CODE RESULT" a line.
set -u
bottle=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

begin() {
  agent=$1 prompt=$2
  shift 2
  "$bottle" run "$agent" --quiet --timeout=3m --output-format=json -p "$prompt" "$@" </dev/null \
    >"$folder/$agent.json" 2>"$folder/$agent.log" &
  eval "pid_$agent=$!"
}

begin tester 'say: one'
begin second 'run: echo $((2+2))'
# Refused by claude itself: its exit code is the job's
begin third 'say: never' -- --no-such-flag

failed=0
for agent in tester second third; do
  code=0
  eval "wait \"\$pid_$agent\"" || code=$?
  [ "$code" = 0 ] || failed=1
  result=$(sed -n 's/.*"result":"\([^"\\]*\).*/\1/p' "$folder/$agent.json")
  printf '%s %s %s\n' "$agent" "$code" "$result"
done
exit "$failed"
