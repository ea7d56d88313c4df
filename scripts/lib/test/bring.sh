# Sourced by scripts/test: what some tests need and can do without, since they skip where it is not there. Needs say.sh and packages.sh.
# shellcheck shell=bash

# Programs that tests run
bring_tools() {
  bring openssl openssh-client curl jq rsync
}

# Shells whose completion is tested, and man
bring_shells() {
  bring zsh fish man-db groff-base
}

# What makes another machine of a network namespace
bring_namespaces() {
  bring util-linux iproute2
}

# bring PACKAGE...
bring() {
  (ensure_packages "$@") || say "Going on without what is missing of: $*"
}

# A locale whose characters are UTF-8, where this one's are not
bring_locale() {
  [ "$(locale charmap 2>/dev/null)" != UTF-8 ] || return 0
  local name
  name=$(locale -a 2>/dev/null | grep -ixE 'c\.utf-?8|en_us\.utf-?8' | head -n 1) || true
  if [ -z "$name" ] && command -v localedef >/dev/null; then
    localedef -i C -f UTF-8 C.UTF-8 2>/dev/null || true
    name=C.UTF-8
  fi
  [ -z "$name" ] || export LC_ALL=$name
}

# The server of the tests of an engine over ssh, which start one of their own on a loopback of its own. The package would start another
# on this machine's addresses, now and at each boot: it is told not to.
bring_ssh_server() {
  [ ! -x /usr/sbin/sshd ] || return 0
  (install_without_starting openssh-server) || say "Going on without openssh-server"
}

# install_without_starting PACKAGE
install_without_starting() {
  local policy=/usr/sbin/policy-rc.d
  need_root "install $1"
  if [ ! -e "$policy" ]; then
    # shellcheck disable=SC2064
    trap "rm -f '$policy'" EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  ensure_packages "$1"
  if command -v systemctl >/dev/null; then systemctl disable --quiet ssh.service ssh.socket 2>/dev/null || true; fi
}
