#!/usr/bin/env bash
# Builds etcd's own client in Go, which tools/bench.sh measures ours against.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<'TEXT'
usage: tests/interop/etcd_client/build.sh BIN

Builds BIN/etcd_client_go. Needs go and the modules that go.mod and go.sum pin. What cannot be built is
no failure of the bench: BIN/etcd_client_go.missing says why, its rows are not measured. Exit code: 0
when it was built, else 1.
TEXT
}

case ${1-} in
  -h|--help) usage; exit 0 ;;
  ''|-*) usage >&2; exit 2 ;;
esac
mkdir -p "$1"
program=$(cd "$1" && pwd)/etcd_client_go
log=$program.log
echo "etcd_client: etcd's client in Go"
if ! command -v go >/dev/null; then
  echo "no go on this machine" >"$log"
elif (cd "$here" && GOFLAGS=-mod=readonly go build -buildvcs=false -o "$program" .) >"$log" 2>&1; then
  rm -f "$program.missing" "$log"
  exit 0
fi
rm -f "$program"
reason=$(grep -v '^go: downloading' "$log" | head -n 1)
echo "etcd's client in Go: $reason" >"$program.missing"
echo "etcd_client: it is not there, see $log: $reason" >&2
exit 1
