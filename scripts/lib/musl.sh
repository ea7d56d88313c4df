# Sourced: what binaries for musl are run with on a Debian machine, which has musl and no C++ library for it. Expects packages.sh and say.sh.

# ensure_musl DIR: Debian's musl for arm64 in DIR/arm64, and what scripts/lib/release/musl-root.ts makes the C++ library of
ensure_musl() {
  local dir=$1 version
  version=$(apt-cache depends g++ 2>/dev/null | sed -n 's/.*Depends: g++-\([0-9]*\)$/\1/p')
  [ -n "$version" ] || { apt-get update -qq >&2 && version=$(apt-cache depends g++ | sed -n 's/.*Depends: g++-\([0-9]*\)$/\1/p'); }
  ensure_packages musl binutils binutils-aarch64-linux-gnu "libstdc++-$version-pic" "libstdc++-$version-pic-arm64-cross"
  [ -e "$dir/arm64/lib/ld-musl-aarch64.so.1" ] || fetch_arm64_musl "$dir/arm64"
}

# With lists and a cache of its own: this machine's architectures stay what they are
fetch_arm64_musl() (
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/out" "$1"
  options=(-qq -o Dir::State="$work/state" -o Dir::State::status=/dev/null -o Dir::Cache="$work/cache"
    -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update >&2
  (cd "$work/out" && apt-get "${options[@]}" download musl >&2)
  dpkg -x "$work"/out/musl_*.deb "$1"
)
