#!/usr/bin/env bash
# Installs the Debian packages that are missing; says which. Does nothing when all are there.
set -euo pipefail
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<'TEXT'
usage: tools/setup.sh [check] [test] [fuzz]

Installs what is missing of tools/packages.txt (and of packages-check.txt, packages-test.txt and
packages-fuzz.txt when asked) with apt-get; uses sudo only when not root. Changes nothing else on the
machine. With test it also gets Consul for this clone, as tools/fetch_consul.sh says.
TEXT
}

die() { echo "setup: $*" >&2; exit 1; }

lists=("$tools/packages.txt")
for part in "$@"; do
  case $part in
    -h|--help) usage; exit 0 ;;
    check|test|fuzz) lists+=("$tools/packages-$part.txt") ;;
    *) usage >&2; echo "setup: unknown part '$part'" >&2; exit 2 ;;
  esac
done

mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "${lists[@]}")
command -v dpkg-query >/dev/null || die "this is no Debian: install the equivalents of
  ${wanted[*]}
and build with 'cmake --preset release && cmake --build --preset release'"

installed=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' "${wanted[@]}" 2>/dev/null || true)"
missing=()
for package in "${wanted[@]}"; do
  [[ $installed == *" installed=$package "* ]] || missing+=("$package")
done
# A machine that cannot have it skips its tests, and they say why.
get_consul() {
  for part in "$@"; do
    [ "$part" != test ] || "$tools/fetch_consul.sh" || true
  done
}
if [ ${#missing[@]} -eq 0 ]; then
  get_consul "$@"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || die "missing: ${missing[*]}
not root and there is no sudo: run 'apt-get install ${missing[*]}' as root, then try again"
  as_root=(sudo)
fi
echo "setup: installing ${#missing[@]} Debian packages${as_root:+ (with sudo)}: ${missing[*]}"
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"; }
install() { apt install -y --no-install-recommends "${missing[@]}"; }
# Package lists may be absent (a fresh machine) or old (versions that are gone from the mirror).
apt update || echo "setup: apt-get update failed; trying with the lists that are there" >&2
install || die "apt-get could not install: ${missing[*]}; see its messages above"
get_consul "$@"
