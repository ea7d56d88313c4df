# Sourced by the scripts: messages for people go to stderr, so that stdout stays data.
say() { printf '%s\n' "$*" >&2; }
die() {
  say "error: $*"
  exit 1
}
