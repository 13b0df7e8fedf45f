#!/usr/bin/env bash
# The main job, from nothing: set up, build what the demo needs, run it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'TEXT'
usage: tools/demo.sh [--once]

Installs missing Debian packages, builds the demo (release preset) and runs it in this terminal
until Ctrl-C.
  --once     run the story once and exit: 0 if everything happened as told, else 1
TEXT
}

case $* in
  ''|--once) ;;
  -h|--help) usage; exit 0 ;;
  *) usage >&2; echo "demo: unknown arguments: $*" >&2; exit 2 ;;
esac
"$root/tools/setup.sh"
"$root/tools/build.sh" release brontes-demo brontes greeter
exec "$root/build/release/bin/brontes-demo" "$@"
