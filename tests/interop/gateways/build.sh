#!/usr/bin/env bash
# Builds the gateways in Go that tools/bench.sh measures ours against.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)

usage() {
  cat <<'TEXT'
usage: tests/interop/gateways/build.sh BIN

Builds BIN/grpc_gateway_server and BIN/hephfx_server, with generated code beside BIN in gateways/.
Needs go (1.26, or one that fetches it) and the modules that go.mod and go.sum pin. What cannot be
built is no failure of the bench: BIN/NAME_server.missing says why, its rows are not measured.
Exit code: 0 when both were built, else 1.
TEXT
}

case ${1-} in
  -h|--help) usage; exit 0 ;;
  ''|-*) usage >&2; exit 2 ;;
esac
mkdir -p "$1"
bin=$(cd "$1" && pwd)
work=$(dirname "$bin")/gateways

# Protos of google/api have no Go package of their own here: say where their Go code lives.
generate() {
  local plugins=$1 out=$2 api=google.golang.org/genproto/googleapis/api/annotations options=()
  local plugin
  mkdir -p "$out" || return
  for plugin in go go-grpc grpc-gateway; do
    options+=("--plugin=protoc-gen-$plugin=$plugins/protoc-gen-$plugin" "--${plugin}_out=$out"
              "--${plugin}_opt=paths=source_relative,Mshop.proto=gateways/shoppb"
              "--${plugin}_opt=Mgoogle/api/annotations.proto=$api,Mgoogle/api/http.proto=$api")
  done
  protoc -I "$root/tests/bench" -I "$root/cmake/proto" "${options[@]}" shop.proto
}

# build NAME: a copy of the module, the code of the proto, the program. (`&&`: it is called as a
# condition, where -e counts for nothing.)
build() {
  local module=$work/$1
  mkdir -p "$module/bin" &&
    cp "$here/shop.go" "$here/$1"/{main.go,go.mod,go.sum} "$module" &&
    cd "$module" &&
    go build -buildvcs=false -o bin/ tool &&
    generate "$module/bin" "$module/shoppb" &&
    go build -buildvcs=false -o "$bin/$1_server" .
}

# What went wrong, in a line; go says first what it fetches.
reason() { grep -vE '^(go: downloading|gateways: )' "$1" | head -n 1; }

failed=0
for name in grpc_gateway hephfx; do
  echo "gateways: $name"
  log=$work/$name.log
  mkdir -p "$work"
  if ! command -v go >/dev/null; then
    echo "no go on this machine" >"$log"
  elif (build "$name") >"$log" 2>&1; then
    rm -f "$bin/${name}_server.missing"
    continue
  fi
  failed=1
  rm -f "$bin/${name}_server"
  echo "$name: $(reason "$log")" >"$bin/${name}_server.missing"
  echo "gateways: $name is not there, see $log: $(reason "$log")" >&2
done
exit $failed
