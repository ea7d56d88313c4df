# Sourced: brings Debian packages that a script needs, and only the missing ones.

# need_root WHAT
need_root() {
  [ "$(id -u)" = 0 ] || die "Cannot $1: run this as root on a Debian machine, or start Docker yourself"
}

# ensure_packages PACKAGE...
ensure_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ "${#missing[@]}" = 0 ] && return 0
  need_root "install ${missing[*]}"
  command -v apt-get >/dev/null || die "Cannot install ${missing[*]}: this is not a Debian machine"
  say "Installing ${missing[*]}"
  apt-get update -qq >&2 || say "apt-get update had complaints; going on"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# The mirror this machine already uses, for debootstrap and backports
debian_mirror() {
  local mirror
  mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
  [ -n "$mirror" ] || mirror=$(sed -n 's/^deb *\(\[[^]]*\] *\)\{0,1\}\(http[^ ]*\) .*/\2/p' /etc/apt/sources.list 2>/dev/null | head -n 1)
  [ -n "$mirror" ] || die "Cannot find this machine's Debian mirror: /etc/apt names none"
  printf '%s\n' "$mirror"
}
