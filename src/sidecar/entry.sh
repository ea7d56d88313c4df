#!/bin/sh
# Main process of the agent's container until claude takes its place. It waits for the launcher to send the environment over
# the container's own stdin: that way no value is in the create body, in an exec body, on a disk or on a command line.
# Wire: we print the marker; the launcher answers a decimal length line and that many bytes of shell assignments.
set -eu
saved=
if [ -t 0 ]; then
  saved=$(stty -g)
  stty raw -echo
fi
# answering ADDRESS:PORT...: a line for each from which anything comes back, be it a refusal. A neighbour answers in a millisecond or
# two; what is behind a wall stays silent, which is given 30.
answering() {
  if command -v perl >/dev/null; then
    # Sockets that do not wait (2048), all at once; 115 is EINPROGRESS, 111 ECONNREFUSED
    perl -e 'my ($left, $all, %open) = (0.03, "");
      my $tell = sub { print "$_[0] can be reached from inside\n" };
      for (@ARGV) {
        my ($address, $port) = split /:/;
        socket(my $socket, 2, 1 | 2048, 0) or die;
        if (connect($socket, pack "S n C4 x8", 2, $port, split /\./, $address) || $! == 111) { $tell->($_) }
        elsif ($! == 115) { vec($all, fileno $socket, 1) = 1; $open{$_} = $socket }
      }
      while (%open && $left > 0) {
        (my $count, $left) = select undef, my $ready = $all, undef, $left;
        last if $count <= 0;
        for (grep { vec $ready, fileno $open{$_}, 1 } keys %open) {
          vec($all, fileno $open{$_}, 1) = 0;
          my $error = unpack "i", getsockopt delete $open{$_}, 1, 4;
          $tell->($_) if $error == 0 || $error == 111;
        }
      }' "$@"
  else
    node -e 'for (const place of process.argv.slice(1)) {
        const say = () => console.log(place, "can be reached from inside");
        const [host, port] = place.split(":");
        require("net").connect({ host, port }, say).on("error", (error) => error.code === "ECONNREFUSED" && say());
      }
      setTimeout(() => process.exit(), 30);' "$@"
  fi || echo 'its network cannot be tried'
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
if [ -n "${CLAUDE_BOTTLE_CLOSED:-}" ]; then
  # The walls, tried before anything of the user's comes in, both ways at once. First stands the one gateway that a default route may
  # name, as the kernel writes it: some engines set the route though nobody has the address.
  leaks=$(answering ${CLAUDE_BOTTLE_CLOSED#* } & missing "${CLAUDE_BOTTLE_CLOSED%% *}"; wait)
  if [ -n "$leaks" ]; then
    # The launcher shows it and undoes everything
    printf '\036claude-bottle leak\036%s\n' "$leaks"
    exit 1
  fi
  unset CLAUDE_BOTTLE_CLOSED leaks
fi
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
printf '\036claude-bottle ready\036'
IFS= read -r length
values=$(head -c "$length")
if [ -n "$saved" ]; then
  stty "$saved"
fi
# The last that this program knows by a name of its own: any name may be one of the manifest's from here on
eval "unset saved length values
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
  unset CLAUDE_BOTTLE_SSH_AGENT
fi
# From here on what is typed goes to claude; its hooks write what it is doing
(umask 077 && printf idle >"$HOME/.claude-bottle/activity") 2>/dev/null || :
exec "$@"
