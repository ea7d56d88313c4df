# Sourced: makes a stand-in for node:22-bookworm-slim from Debian and npm packages, for machines that cannot pull images.

readonly base_image=claude-bottle-base:bookworm
readonly node_package=22.23.3
readonly npm_package=10.9.4

# ensure_base_image: makes the image on the engine of DOCKER_HOST unless one of the same inputs is there
ensure_base_image() {
  local inputs
  inputs=$(base_image_inputs | sha256sum | cut -c1-16)
  if [ "$(docker image inspect -f '{{index .Config.Labels "claude-bottle.base"}}' "$base_image" 2>/dev/null)" = "$inputs" ]; then
    return 0
  fi
  ensure_packages debootstrap ca-certificates
  need_root "make the base image"
  say "Making $base_image from packages (once, about a minute)"
  local root
  root=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf --one-file-system '$root'" EXIT
  debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$(debian_mirror)" >"$root.log" 2>&1 ||
    { tail -n 20 "$root.log" >&2; die "Cannot make the base image: debootstrap failed"; }
  rm -f "$root.log"
  install_node "$root"
  chroot "$root" useradd --create-home --uid 1000 --user-group --shell /bin/bash node
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  local changes=(--change "LABEL claude-bottle.base=$inputs" --change 'CMD ["node"]'
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
  if trust_machine_authorities "$root"; then
    changes+=(--change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt')
  fi
  tar -C "$root" --numeric-owner -c . | docker import "${changes[@]}" - "$base_image" >/dev/null
  rm -rf --one-file-system "$root"
  trap - EXIT
}

base_image_inputs() {
  printf '%s\n' "$node_package" "$npm_package" "$(uname -m)"
  cat "${BASH_SOURCE[0]}"
  cat /usr/local/share/ca-certificates/*.crt 2>/dev/null || true
}

# npm's own `node` package runs an install script; node-linux-* holds the binary itself
install_node() {
  local root=$1 arch work
  case "$(uname -m)" in
    aarch64) arch=arm64 ;;
    *) arch=x64 ;;
  esac
  work=$(mktemp -d)
  (cd "$work" && npm pack --silent "node-linux-$arch@$node_package" "npm@$npm_package" >/dev/null 2>&1) ||
    die "Cannot make the base image: npm could not bring node and npm"
  tar -xzf "$work"/node-linux-*.tgz -C "$work" package/bin/node
  install -m 0755 "$work/package/bin/node" "$root/usr/local/bin/node"
  mkdir -p "$root/usr/local/lib/node_modules/npm"
  tar -xzf "$work"/npm-*.tgz -C "$root/usr/local/lib/node_modules/npm" --strip-components=1 --no-same-owner
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
  chmod 0755 "$root"/usr/local/lib/node_modules/npm/bin/np[mx]-cli.js
  rm -rf "$work"
}

# A machine behind an intercepting proxy has extra authorities, without which no build in a container could fetch anything
trust_machine_authorities() {
  local root=$1
  compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null || return 1
  cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
  chroot "$root" update-ca-certificates >/dev/null 2>&1
}
