# Run by root in the build of a bottle's layer on a devcontainer's image. Needs a shell, and the package manager of the image.
set -eu
own=/opt/claude-bottle
certificates=/usr/local/share/ca-certificates
store=/etc/ssl/certs/ca-certificates.crt

has() { command -v "$1" >/dev/null 2>&1; }

missing() {
  for one in bash curl find git ps rsync socat ssh timeout; do has "$one" || return 0; done
  [ ! -x /usr/sbin/sshd ] || [ ! -s "$store" ]
}

install_packages() {
  if has apt-get; then
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      bash ca-certificates curl findutils git openssh-client openssh-server procps rsync socat
    apt-get clean
    rm -rf /var/lib/apt/lists/*
  elif has apk; then
    apk add --no-cache bash ca-certificates coreutils curl findutils git openssh-client openssh-server procps rsync socat
  elif has dnf || has microdnf; then
    manager=dnf
    has dnf || manager=microdnf
    more=""
    has curl || more=curl
    "$manager" install -y --setopt=install_weak_deps=False --nodocs \
      bash ca-certificates coreutils findutils git-core openssh-clients openssh-server procps-ng rsync socat $more
    "$manager" clean all
  else
    echo "The image has neither apt-get, dnf, microdnf nor apk, and lacks programs that a bottle needs" >&2
    return 1
  fi
  # They would be the same in every bottle, and are not used
  rm -f /etc/ssh/ssh_host_*
}

trust_certificates() {
  mkdir -p "$certificates"
  for one in "$own"/layer/*.crt; do [ ! -e "$one" ] || cp "$one" "$certificates"; done
  if has update-ca-certificates; then
    update-ca-certificates
  elif has update-ca-trust; then
    for one in "$certificates"/extra-*.crt; do [ ! -e "$one" ] || cp "$one" /etc/pki/ca-trust/source/anchors/; done
    update-ca-trust
  fi
  [ -e "$store" ] || { mkdir -p /etc/ssl/certs && ln -s /etc/pki/tls/certs/ca-bundle.crt "$store"; }
}

# Node and Claude Code of the default image are for glibc; an image with musl gets its own
install_claude() {
  package="$own/lib/node_modules/@anthropic-ai/claude-code"
  mkdir -p "$own/first"
  if has apk; then
    rm -rf "$own/bin" "$own/lib"
    mkdir -p "$own/bin"
    apk add --no-cache libgcc libstdc++ nodejs npm ripgrep
    npm install -g --prefix "$own" "@anthropic-ai/claude-code@$CLAUDE_VERSION"
    node "$package/install.cjs"
    npm cache clean --force
    node=node
  else
    "$own/bin/node" --version >/dev/null ||
      { echo "The image cannot run Node 22: its C library is too old or is none that is known" >&2; return 1; }
    for one in npm npx; do ln -s "../lib/node_modules/npm/bin/$one-cli.js" "$own/bin/$one"; done
    # A project may have a later Node, and never an earlier one than the bottle's own programs need
    major=$(node -p 'parseInt(process.versions.node)' 2>/dev/null || echo 0)
    [ "$major" = 0 ] || [ "$major" -ge 22 ] || ln -s ../bin/node "$own/first/node"
    node="$own/bin/node"
  fi
  ln -s "../lib/node_modules/@anthropic-ai/claude-code/$("$node" -p "require('$package/package.json').bin.claude")" \
    "$own/first/claude"
  "$own/first/claude" --version
}

# The agent's user has the id 1000 until a bottle gives it another; whoever has it in the image lends the name
make_user() {
  if grep -q '^[^:]*:[^:]*:1000:' /etc/passwd; then
    sed -i 's#^\([^:]*:[^:]*:1000\):[0-9]*:\([^:]*\):.*$#\1:1000:\2:/home/node:/bin/bash#' /etc/passwd
  else
    echo 'node:x:1000:1000::/home/node:/bin/bash' >>/etc/passwd
  fi
  grep -q '^[^:]*:[^:]*:1000:' /etc/group || echo 'node:x:1000:' >>/etc/group
  # Where there is a group tty, the ssh server gives it each terminal, which under gVisor no user but root may do
  sed -i '/^tty:/d' /etc/group
  mkdir -p /home/node/workspace /home/node/.claude/skills /home/node/.ssh
  chown -R 1000:1000 /home/node
  chmod 700 /home/node/.ssh
}

if missing; then install_packages; fi
trust_certificates
install_claude
make_user
