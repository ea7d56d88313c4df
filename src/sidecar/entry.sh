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
printf '\036claude-bottle ready\036'
IFS= read -r length
eval "$(head -c "$length")"
unset length
if [ -n "${CLAUDE_BOTTLE_CA:-}" ]; then
  # Hosts whose TLS the sidecar opens show certificates of the bottle's own CA
  bundle=$HOME/.claude-bottle/ca-bundle.pem
  { cat /etc/ssl/certs/ca-certificates.crt; printf '%s\n' "$CLAUDE_BOTTLE_CA"; } >"$bundle"
  export NODE_EXTRA_CA_CERTS="$bundle" SSL_CERT_FILE="$bundle" CURL_CA_BUNDLE="$bundle" GIT_SSL_CAINFO="$bundle" REQUESTS_CA_BUNDLE="$bundle"
  unset CLAUDE_BOTTLE_CA bundle
fi
if [ -n "${CLAUDE_BOTTLE_SSH_AGENT:-}" ]; then
  # The keys are in the sidecar; this is a way there, not a copy. Double fork: init reaps it, claude never sees it.
  (socat "UNIX-LISTEN:$SSH_AUTH_SOCK,fork,mode=600" "TCP:$CLAUDE_BOTTLE_SSH_AGENT" >/dev/null 2>&1 </dev/null &)
  unset CLAUDE_BOTTLE_SSH_AGENT
fi
if [ -n "$saved" ]; then
  stty "$saved"
fi
unset saved
exec "$@"
