# Sourced: brings runsc (gVisor). The release in Debian's stable suite does not start with current kernels, the one in backports does.

readonly runsc_oldest=0.0~2024

# Installs runsc if it can be had; says so and goes on if not, since every test of gVisor is skipped then with a reason.
ensure_runsc() {
  local installed
  installed=$(dpkg-query -W -f='${Version}' runsc 2>/dev/null || true)
  [ -n "$installed" ] && dpkg --compare-versions "$installed" ge "$runsc_oldest" && return 0
  need_root "install runsc"
  local release source=/etc/apt/sources.list.d/claude-bottle-backports.sources
  release=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  if ! apt-cache madison runsc 2>/dev/null | grep -q "$release-backports"; then
    printf 'Types: deb\nURIs: %s\nSuites: %s-backports\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
      "$(debian_mirror)" "$release" >"$source"
    apt-get update -qq >&2 || true
  fi
  say "Installing runsc"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -t "$release-backports" runsc >&2 ||
    say "runsc could not be installed: going on without gVisor"
}
