#!/bin/sh
# Stops all of an agent's processes, as its own user: stopped ones cannot go on by themselves, and commands that are run beside them do.
# Argument: PORT, from which a connection to the gate came, or nothing. Prints the command line of whoever holds that connection.
# Fails if something still runs after many tries; whoever called it then has the platform pause the whole container.
set -u
# No program that the agent may have put in front of these
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# All but the first process and this one. Again, for what was started in the same moment
tries=0
while :; do
  kill -s STOP -- -1 2>/dev/null
  moving=
  for stat in /proc/[0-9]*/stat; do
    # One that has just ended has none
    IFS= read -r line 2>/dev/null <"$stat" || continue
    pid=${line%% *}
    case $pid in 1 | $$) continue ;; esac
    # Behind the last ")", whatever its name is
    set -- "${1-}" ${line##*) }
    # Stopped, traced, ended; D waits for the kernel, and is stopped when that is over
    case $2 in [TtZXxD]) ;; *) moving=$pid ;; esac
  done
  [ -n "$moving" ] || break
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || exit 1
done
# The launcher's own way to end everything here stopped too: it puts another in its place. Nothing of the agent's has no parent
for stat in $(grep -ls 'kill -s KILL -- -1' /proc/[0-9]*/cmdline); do
  pid=${stat#/proc/}
  pid=${pid%/*}
  [ "$pid" != $$ ] || continue
  IFS= read -r line 2>/dev/null <"/proc/$pid/stat" || continue
  set -- "${1-}" ${line##*) }
  [ "$3" != 0 ] || kill -s KILL "$pid"
done
[ -n "${1-}" ] || exit 0
hex=$(printf '%04X' "$1")
while read -r _ from _ _ _ _ _ _ _ inode _; do
  case $from in *:"$hex") [ "$inode" = 0 ] || break ;; esac
  inode=
done </proc/net/tcp
[ -n "${inode-}" ] || exit 0
for folder in /proc/[0-9]*/fd; do
  case $(ls -l "$folder" 2>/dev/null) in
  *"socket:[$inode]"*)
    tr '\0' ' ' 2>/dev/null <"${folder%fd}cmdline" | head -c 300
    exit 0
    ;;
  esac
done
