#!/usr/bin/env bash
# Everything from nothing: set up, build, run all tests.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'TEXT'
usage: tools/test.sh [CTEST-OPTION]...

Installs missing Debian packages, builds the release preset and runs all tests; ends with ctest's
summary. Options go to ctest, for example:
  tools/test.sh -R Lease          tests whose name matches
  tools/test.sh -L unit           by label: unit integration example scenario fuzz interop chaos
                                  consumer lint
TEXT
}

case ${1-} in -h|--help) usage; exit 0 ;; esac
"$root/tools/setup.sh" test
"$root/tools/build.sh" release
cd "$root"
exec ctest --preset release --parallel "$(nproc)" "$@"
