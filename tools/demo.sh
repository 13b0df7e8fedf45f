#!/usr/bin/env bash
# The main job, from nothing: set up, build what the demo needs, run it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'TEXT'
usage: tools/demo.sh [OPTION]...

Installs missing Debian packages, builds the demo (release preset) and runs it in this terminal
until Ctrl-C. Options go to the demo:
  --once     run the story once and exit: 0 if everything happened as told
TEXT
}

case ${1-} in -h|--help) usage; exit 0 ;; esac
"$root/tools/setup.sh"
"$root/tools/build.sh" release brontes-demo
exec "$root/build/release/bin/brontes-demo" "$@"
