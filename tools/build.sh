#!/usr/bin/env bash
# Configures a preset if needed and builds targets of it, on all cores that the memory allows.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'TEXT'
usage: tools/build.sh PRESET [TARGET]...

PRESET is dev, release, asan, tsan or fuzz; without targets everything is built. Programs are then in
build/PRESET/bin. JOBS=N in the environment sets the number of compilers that run at once.
TEXT
}

case ${1-} in
  -h|--help) usage; exit 0 ;;
  dev|release|asan|tsan|fuzz) preset=$1; shift ;;
  *) usage >&2; echo "build: unknown preset '${1-}'" >&2; exit 2 ;;
esac

# A compiler at work on gRPC's headers takes up to 1.5 GB.
jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo)
  echo $((memory < 1 ? 1 : memory < cores ? memory : cores))
}

cd "$root"
cache=build/$preset/CMakeCache.txt
if [ ! -f "build/$preset/build.ninja" ] ||
   ! grep -qx "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
  fresh=()
  [ ! -f "$cache" ] || fresh=(--fresh)  # the folder was moved, or configuring was interrupted
  echo "build: configuring build/$preset"
  cmake --preset "$preset" "${fresh[@]}" --log-level=WARNING
fi
[ $# -gt 0 ] || set -- all
export NINJA_STATUS='[%f/%t %es] '
ninja -C "build/$preset" -j "${JOBS:-$(jobs)}" "$@"
