#!/bin/sh
# Main process of the agent's container until claude takes its place. It waits for the launcher to send the environment over
# the container's own stdin: that way no value is in the create body, in an exec body, on a disk or on a command line.
# Before that it tries the walls of the bottle: ~/.claude-bottle/closed has the one gateway that a default route may name, as the kernel
# writes it (some engines set the route though nobody has the address), then each ADDRESS:PORT from which nothing may come back, be it a
# refusal. It is removed at once: a variable would stay in the environment of the first process, where the agent could read it. A neighbour answers in a millisecond or two; what is behind a wall stays silent, which is given 30.
# Wire: we print the marker, or another and a line for each wall that is missing, which the launcher shows and undoes everything; it
# answers a decimal length line and that many bytes of shell assignments.
set -eu
# A name between two @ is the text of that file, put in as one quoted word (programs.ts)
# wait_by_perl CLOSED: prints the values; see entry-wait.pl
wait_by_perl() {
  exec perl -e @entry-wait.pl@ "$1"
}
# The same in images without perl
wait_by_shell() {
  saved=
  if [ -t 0 ]; then
    saved=$(stty -g)
    stty raw -echo
  fi
  leaks=
  [ -z "$1" ] || leaks=$(answering ${1#* } & missing "${1%% *}"; wait)
  if [ -n "$leaks" ]; then
    printf '\036claude-bottle leak\036%s\n' "$leaks" >&3
    exit 1
  fi
  printf '\036claude-bottle ready\036' >&3
  IFS= read -r length
  head -c "$length"
  [ -z "$saved" ] || stty "$saved"
}
# answering ADDRESS:PORT...: a line for each from which anything comes back
answering() {
  node -e 'require("fs").unlinkSync(process.env.HOME + "/.claude-bottle/closed");
    for (const place of process.argv.slice(1)) {
      const say = () => console.log(place, "can be reached from inside");
      const [host, port] = place.split(":");
      require("net").connect({ host, port }, say).on("error", (error) => error.code === "ECONNREFUSED" && say());
    }
    // What has come until then is heard, also where the 30 ms went by before anything was looked at
    setTimeout(() => setImmediate(() => process.exit()), 30);' "$@" || echo 'its network cannot be tried'
}
# missing GATEWAY: a line for each wall that the kernel's own tables show to be missing
missing() {
  while read -r _ to by _; do
    [ "$to" != 00000000 ] || [ "$by" = "$1" ] || echo 'it has a default route that leads elsewhere'
  done </proc/net/route
  while read -r key value _; do
    [ "$key" != nameserver ] || [ "${value#127.}" != "$value" ] || echo "it asks $value for names"
  done </etc/resolv.conf
  while read -r key value _; do
    case $key/$value in
      Cap*/*[!0]*) echo "it has capabilities ($key $value)" ;;
      NoNewPrivs:/0) echo 'it may gain privileges' ;;
    esac
  done </proc/self/status
}
if [ -n "${CLAUDE_BOTTLE_BEFORE:-}" ]; then
  # A folder without a repository: what the agent changes is told later by what is noted here. Without git it is told as all new.
  if command -v git >/dev/null; then
    export GIT_CONFIG_GLOBAL=/dev/null
    git init --quiet --bare --template= "$CLAUDE_BOTTLE_BEFORE" &&
      export GIT_DIR="$CLAUDE_BOTTLE_BEFORE" GIT_WORK_TREE="$PWD" &&
      git -c core.bare=false -c core.compression=1 -c core.bigFileThreshold=16m add --all . &&
      git -c user.name=before -c user.email=before@localhost commit-tree -m before "$(git write-tree)" >"$GIT_DIR/refs/heads/before" &&
      printf 'ref: refs/heads/before\n' >"$GIT_DIR/HEAD"
    unset GIT_DIR GIT_CONFIG_GLOBAL GIT_WORK_TREE
  fi >/dev/null 2>&1 || :
  unset CLAUDE_BOTTLE_BEFORE
fi
# What changes after this is the agent's; see the collector
printf '' 2>/dev/null >"$HOME/.claude-bottle/kept/began" || :
closed=
if [ -e "$HOME/.claude-bottle/closed" ]; then IFS= read -r closed <"$HOME/.claude-bottle/closed"; fi
exec 3>&1
if command -v perl >/dev/null; then
  values=$(wait_by_perl "$closed")
else
  values=$(wait_by_shell "$closed")
fi
exec 3>&-
# The last that this program knows by a name of its own: any name may be one of the manifest's from here on
eval "unset closed values
$values"
if [ -n "${CLAUDE_BOTTLE_CA:-}" ]; then
  # Hosts whose TLS the sidecar opens show certificates of the bottle's own CA
  NODE_EXTRA_CA_CERTS=$HOME/.claude-bottle/ca-bundle.pem
  { cat /etc/ssl/certs/ca-certificates.crt; printf '%s\n' "$CLAUDE_BOTTLE_CA"; } >"$NODE_EXTRA_CA_CERTS"
  # Node, OpenSSL (also Go, Ruby), curl, git, requests, pip, cargo, the AWS and Deno tools; the system store is the launcher's affair
  set -- "$NODE_EXTRA_CA_CERTS" "$@"
  export NODE_EXTRA_CA_CERTS SSL_CERT_FILE="$1" CURL_CA_BUNDLE="$1" GIT_SSL_CAINFO="$1" REQUESTS_CA_BUNDLE="$1"
  export PIP_CERT="$1" CARGO_HTTP_CAINFO="$1" AWS_CA_BUNDLE="$1" DENO_CERT="$1"
  unset CLAUDE_BOTTLE_CA
  shift
fi
if [ -n "${CLAUDE_BOTTLE_SSH_AGENT:-}" ]; then
  # The keys are in the sidecar; this is a way there, not a copy. Double fork: init reaps it, claude never sees it.
  (socat "UNIX-LISTEN:$SSH_AUTH_SOCK,fork,mode=600" "TCP:$CLAUDE_BOTTLE_SSH_AGENT" >/dev/null 2>&1 </dev/null &)
  # What claude runs first may ask for the keys already: a list of them has come all the way, and there is no bottle with an empty one
  timeout 30 sh -c 'until ssh-add -l >/dev/null 2>&1; do sleep 0.05; done' </dev/null || {
    echo 'error: Cannot start claude: the ssh-agent in the sidecar does not answer
  Start it again; "claude-bottle doctor" shows whether the engine is well.' >&2
    exit 1
  }
  unset CLAUDE_BOTTLE_SSH_AGENT
fi
# From here on what is typed goes to claude; its hooks write what it is doing
umask 077
printf idle 2>/dev/null >"$HOME/.claude-bottle/activity" || :
umask 022
if [ -n "${CLAUDE_BOTTLE_SAVE:-}" ] && command -v perl >/dev/null; then
  # Where a repository went in: something stays behind claude, for what is outside of the volume when it has ended. It hands signals on,
  # but for those that a terminal gives to both. Without perl such worktrees come back as they are committed.
  set -- perl -e @entry-behind.pl@ "$CLAUDE_BOTTLE_SAVE" "$@"
fi
unset CLAUDE_BOTTLE_SAVE
exec "$@"
