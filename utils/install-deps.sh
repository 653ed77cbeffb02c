#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Installs the packages of utils/packages.txt that are missing, on Debian 12, as root or
# with sudo. Does nothing, and needs no network, when all of them are there.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
  echo "install-deps: error: $*" >&2
  exit 1
}

missing_packages() {
  local package
  grep -v '^#' "$root/utils/packages.txt" | while read -r package; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      echo "$package"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    fail "packages are missing (${missing[*]}): run this as root, or install sudo"
  fi
}

# Prints the packages for which apt knows no version.
unavailable_packages() {
  local package
  for package in "${missing[@]}"; do
    [[ "$(apt-cache policy "$package")" =~ "Candidate: "[^\(] ]] || echo "$package"
  done
}

# LLVM 22 is in Debian's security archive, which a minimal installation may not list.
add_security_archive() {
  local list=/etc/apt/sources.list.d/condense-bookworm-security.list
  local mirror=http://deb.debian.org/debian-security
  echo "install-deps: adding Debian's security archive, where LLVM 22 is: $list"
  as_root sh -c "echo 'deb $mirror bookworm-security main' > $list"
  as_root apt-get update -qq
}

mapfile -t missing < <(missing_packages)
[ ${#missing[@]} = 0 ] && exit 0
command -v apt-get >/dev/null ||
  fail "this is not Debian: install the equivalents of utils/packages.txt (LLVM and MLIR 22)"

echo "install-deps: installing ${missing[*]}"
as_root apt-get update -qq
if [ -n "$(unavailable_packages)" ] && grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release; then
  add_security_archive
fi
mapfile -t unavailable < <(unavailable_packages)
[ ${#unavailable[@]} = 0 ] || fail "apt has no version of: ${unavailable[*]}.
  On Debian 12 they are in 'deb http://deb.debian.org/debian-security bookworm-security main'
  and 'deb http://deb.debian.org/debian bookworm main'; on other releases in the archive of
  https://apt.llvm.org for LLVM 22. Add the source below /etc/apt/sources.list.d, then run
  this again."
as_root apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}"
