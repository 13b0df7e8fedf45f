#!/usr/bin/env bash
# Gets Consul for the tests of its registry. Debian 12 has none; Debian 11's package is downloaded from
# the mirror that this machine uses anyway, and unpacked, not installed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'TEXT'
usage: tools/fetch_consul.sh

Puts Consul 1.8 into .cache/consul, unless it is there or a consul is installed. Changes nothing else on
the machine. Exit code 1, with the reason, if it cannot be had: then its tests are skipped and say why.
TEXT
}

target=$root/.cache/consul/consul
die() {
  echo "fetch_consul: $*" >&2
  mkdir -p "${target%/*}" && echo "$*" > "$target.why-not"  # for the tests that are skipped
  exit 1
}

case ${1-} in
  "") ;;
  -h|--help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

[ ! -x "$target" ] || exit 0
if command -v consul >/dev/null; then exit 0; fi
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || die "this is no Debian"

mkdir -p "${target%/*}"
rm -f "$target.why-not"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{parts,lists/partial,cache/archives/partial}

# Debian's own archive, as apt knows it, or without package lists as it would get them. Its keyring has
# the keys of the last releases, too.
uri=$({
  apt-get indextargets --format '$(ORIGIN)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
    sed -n 's/^Debian|main|//p'
  apt-get --print-uris update | sed -n "s#^'\(.*/debian/\)dists/.*/InRelease'.*#\1#p"
} 2>/dev/null | grep -v -- -security | head -1) || true
: "${uri:=http://deb.debian.org/debian/}"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keys] $uri bullseye main" > "$work/parts/bullseye.list"

apt() {
  apt-get -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/parts" \
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User= \
    -o Acquire::Languages=none -o APT::Update::Error-Mode=any "$@"
}
echo "fetch_consul: getting Debian 11's consul from $uri"
cd "$work"
apt update >log 2>&1 || die "no package lists from $uri: $(grep '^[EW]:' log | head -1)"
apt download consul >log 2>&1 || die "no package consul at $uri: $(grep ^E: log | head -1)"
dpkg-deb -x consul_*.deb unpacked || die "what was downloaded cannot be unpacked"
mv unpacked/usr/bin/consul "$target.new"
"$target.new" version >/dev/null || die "what was unpacked does not run"
mv "$target.new" "$target"
