#!/usr/bin/env bash
# Measures ours against theirs, from nothing: set up, build the benchmarks, run them.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

case ${1-} in
  -h|--help)
    echo "usage: tools/bench.sh [OPTION]...      sets up, builds (release) and runs tools/bench.py:"
    echo
    exec python3 "$root/tools/bench.py" --help ;;
esac
{
  "$root/tools/setup.sh"
  "$root/tools/build.sh" release bench_programs
  for theirs in gateways etcd_client; do
    "$root/tests/interop/$theirs/build.sh" "$root/build/release/bin" ||
      echo "bench: the rows of what is not there will say so"
  done
} >&2
exec python3 "$root/tools/bench.py" "$@"
