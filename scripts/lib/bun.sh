# Sourced: brings the Bun that package.json pins, and the packages of the lockfile. Needs say.sh and packages.sh.
# shellcheck shell=bash

# ensure_bun ROOT: puts the pinned Bun first on the PATH. Another release is another runtime in the binary, so it is not used.
ensure_bun() {
  local root=$1 version place
  version=$(sed -n 's/^ *"bun": "\([0-9.]*\)".*/\1/p' "$root/package.json")
  [ -n "$version" ] || die "Cannot find the pinned version of Bun: package.json names none"
  [ "$(bun --version 2>/dev/null)" = "$version" ] && return 0
  place=$root/.cache/bun-$version
  if [ "$("$place/bin/bun" --version 2>/dev/null)" != "$version" ]; then
    say "Installing Bun $version into .cache"
    install_bun "$version" "$place"
  fi
  export PATH=$place/bin:$PATH
  hash -r
}

# install_bun VERSION PLACE. The package's own install script only links the binary of the platform's package, and npm may refuse to run
# it, so that binary is taken as it is.
install_bun() {
  local version=$1 place=$2 draft binary
  command -v npm >/dev/null || ensure_packages npm
  mkdir -p "${place%/*}"
  draft=$(mktemp -d "${place%/*}/bun.XXXXXX")
  npm install --prefix "$draft" --prefer-offline --ignore-scripts --no-audit --no-fund --no-save --loglevel=error "bun@$version" >&2 ||
    { rm -rf "$draft"; die "Cannot install Bun $version: npm failed"; }
  for binary in "$draft"/node_modules/@oven/bun-*/bin/bun; do
    [ "$("$binary" --version 2>/dev/null)" = "$version" ] || continue
    mkdir "$draft/bin"
    mv "$binary" "$draft/bin/bun"
    ln -s bun "$draft/bin/bunx"
    rm -rf "$draft/node_modules" "$place"
    mv "$draft" "$place"
    return 0
  done
  rm -rf "$draft"
  die "Cannot install Bun $version: npm brought no binary that runs on this machine ($(uname -sm))"
}

# install_packages ROOT: what the lockfile says, and nothing else
install_packages() {
  (cd "$1" && bun install --frozen-lockfile --no-progress >&2) || die "Cannot install the packages of bun.lock"
}
