#!/bin/sh
# Installs claude-bottle from a release's folder: picks the file for this machine, verifies its checksum, runs it once, puts it in place.
# Everything is in functions, so that a download that breaks off runs nothing.
set -eu

# The release's own address; written in when a release is made
default_from=''

usage() {
  cat <<'TEXT'
install.sh: installs claude-bottle for this user

  sh install.sh [--from URL] [--to DIR] [--target NAME]

  --from URL      folder of a release: https, or http on this machine; default: the release that this file came with
  --to DIR        where claude-bottle goes; default: ~/.local/bin
  --target NAME   such as linux-x64-musl; default: what this machine is
  --print-target  say what this machine is, and stop

The checksum in the release's SHA256SUMS must fit. That proves the download whole, not who made it: for that compare SHA256SUMS with one
from another place, or verify the release's attestation.

In dotfiles, with a release and its checksum written down:

  release=https://HOST/PATH/v1.2.3
  curl -fsSL "$release/install.sh" -o /tmp/install.sh
  echo "SHA256  /tmp/install.sh" | sha256sum --check --quiet && sh /tmp/install.sh --from "$release"

A CI image, with the binary beside the Dockerfile:

  FROM debian:bookworm-slim
  COPY --chmod=755 claude-bottle /usr/local/bin/claude-bottle

On Alpine the musl binary needs one package: apk add libstdc++
TEXT
}

say() { printf '%s\n' "$*" >&2; }
die() {
  say "error: $1"
  [ -z "${2:-}" ] || say "hint: $2"
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# What this machine is, in the words of the release's files
find_target() {
  os=$(uname -s) cpu=$(uname -m) libc='' old=''
  case $os in
    Linux) os=linux ;;
    Darwin) os=darwin ;;
    *) die "Cannot install on $os: there are releases for Linux and macOS" "On Windows use WSL." ;;
  esac
  case $cpu in
    x86_64 | amd64) cpu=x64 ;;
    aarch64 | arm64) cpu=arm64 ;;
    *) die "Cannot install on $cpu: there are releases for x64 and arm64" ;;
  esac
  # A shell under Rosetta says x86_64
  if [ "$os-$cpu" = darwin-x64 ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null)" = 1 ]; then cpu=arm64; fi
  if [ "$os" = linux ] && is_musl; then libc=-musl; fi
  if [ "$os-$cpu" = linux-x64 ] && ! grep -q ' avx2' /proc/cpuinfo 2>/dev/null; then old=-baseline; fi
  printf '%s\n' "$os-$cpu$libc$old"
}

# The C library that the system's own shell is linked with; having another one installed beside it does not count
is_musl() {
  if has ldd; then ldd /bin/sh 2>&1 | grep -q musl; else [ -e /etc/alpine-release ]; fi
}

# fetch URL FILE
fetch() {
  case $1 in
    https://*) only='=https' ;;
    http://127.0.0.1[:/]* | http://localhost[:/]*) only='=http' ;;
    *) die "Cannot fetch $1: it is not an https address" ;;
  esac
  if has curl; then
    curl --fail --silent --show-error --location --proto "$only" --retry 2 --output "$2" "$1" ||
      die "Cannot fetch $1: curl failed" "Check the address and the network."
  elif has wget; then
    wget -q -O "$2" "$1" || die "Cannot fetch $1: wget failed" "Check the address and the network."
  else
    die "Cannot fetch anything: there is neither curl nor wget" "Install one of them."
  fi
}

digest() {
  if has sha256sum; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif has shasum; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  elif has openssl; then
    openssl dgst -sha256 "$1" | sed 's/.*= *//'
  else
    die "Cannot verify anything: there is no sha256sum, shasum or openssl" "Install one of them."
  fi
}

# verify FOLDER NAME
verify() {
  wanted=$(awk -v name="$2" '$2 == name { print $1 }' "$1/SHA256SUMS")
  [ -n "$wanted" ] || die "Cannot install $2: the release has no such file" "See its SHA256SUMS, and name one with --target."
  found=$(digest "$1/$2")
  [ "$found" = "$wanted" ] || die "Cannot install $2: its SHA-256 is $found, and SHA256SUMS says $wanted" \
    "Do not run it. Try again, and tell whoever publishes the release."
}

install_from() {
  from=${1%/} to=$2 target=$3
  work=$(mktemp -d)
  draft=$to/.claude-bottle.$$
  trap 'rm -rf "$work" "$draft"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  say "Fetching claude-bottle for $target"
  fetch "$from/SHA256SUMS" "$work/SHA256SUMS"
  fetch "$from/claude-bottle-$target.gz" "$work/claude-bottle-$target.gz"
  verify "$work" "claude-bottle-$target.gz"
  gzip -dc "$work/claude-bottle-$target.gz" >"$work/claude-bottle"
  chmod 755 "$work/claude-bottle"
  version=$("$work/claude-bottle" --version 2>"$work/problem") || {
    sed 's/^/  /' "$work/problem" >&2
    case $target in
      *musl*) die "Cannot run claude-bottle here" 'Install what it needs with "apk add libstdc++", and try again.' ;;
      *) die "Cannot run claude-bottle here" "Name another file with --target." ;;
    esac
  }
  mkdir -p "$to" 2>"$work/problem" && [ -w "$to" ] ||
    die "Cannot install into $to: you may not write there" "Name another folder with --to."
  # Beside its place and by a rename, since an old one may be running
  cp "$work/claude-bottle" "$draft"
  mv -f "$draft" "$to/claude-bottle"
  say "claude-bottle $version is in $to"
  case :$PATH: in
    *:"$to":*) say 'Next: claude-bottle doctor' ;;
    *) say "Next: put $to on your PATH, and run: claude-bottle doctor" ;;
  esac
}

main() {
  from=$default_from to=${HOME:-/root}/.local/bin target=''
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help)
        usage
        exit 0
        ;;
      --print-target)
        find_target
        exit 0
        ;;
      --from | --to | --target)
        [ $# -ge 2 ] || die "Cannot understand $1: its value is missing" "See install.sh --help."
        case $1 in
          --from) from=$2 ;;
          --to) to=$2 ;;
          --target) target=$2 ;;
        esac
        shift 2
        ;;
      --from=*) from=${1#*=} && shift ;;
      --to=*) to=${1#*=} && shift ;;
      --target=*) target=${1#*=} && shift ;;
      *) die "Cannot understand $1" "See install.sh --help." ;;
    esac
  done
  [ -n "$from" ] || die "Cannot install: this file belongs to no release" "Name a release's folder with --from URL."
  [ -n "$target" ] || target=$(find_target)
  install_from "$from" "$to" "$target"
}

main "$@"
