#!/usr/bin/env bash
# Everything that can be said about the sources without running them.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'TEXT'
usage: tools/check.sh [fix|format|lint|floors]

  (none)   format, lint and floors; exit 1 if any of them has findings
  fix      changes what can be changed: clang-format
  format   clang-format agrees with the sources
  lint     banned calls, lengths, characters (tools/lint.py); README quotes (tools/quote.py)
  floors   who includes whom; every file is listed (tools/check_floors.py)

That each public header compiles alone is checked by the build of the tests.
TEXT
}

sources() { git ls-files -co --exclude-standard '*.hpp' '*.cpp'; }
clang_format() { sources | xargs -r -n 50 -P "$(nproc)" clang-format "$@"; }
need_clang_format() {
  git rev-parse --git-dir >/dev/null 2>&1 ||
    { echo "format: not checked, this is no git clone, and git knows which files are ours" >&2; return 1; }
  command -v clang-format >/dev/null || "$root/tools/setup.sh" check
}

format() {
  need_clang_format
  if clang_format --dry-run -Werror; then
    echo "format: ok"
  else
    echo "format: differs; 'tools/check.sh fix' mends it" >&2
    return 1
  fi
}
fix() {
  need_clang_format
  clang_format -i
  lint
}
lint() {
  local failed=0
  python3 tools/lint.py || failed=1
  python3 tools/quote.py || failed=1
  return $failed
}
floors() { python3 tools/check_floors.py; }

cd "$root"
[ $# -le 1 ] || { usage >&2; echo "check: one part at a time, not '$*'" >&2; exit 2; }
case ${1-all} in
  -h|--help) usage ;;
  fix|format|lint|floors) "$1" ;;
  all)
    failed=0
    format || failed=1
    lint || failed=1
    floors || failed=1
    exit $failed ;;
  *) usage >&2; echo "check: unknown part '$1'" >&2; exit 2 ;;
esac
