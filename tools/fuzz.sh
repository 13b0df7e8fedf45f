#!/usr/bin/env bash
# Runs the fuzz targets of tests/fuzz under libFuzzer, AddressSanitizer and UBSan.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

usage() {
  cat <<'TEXT'
usage: tools/fuzz.sh [SECONDS | --runs N] [TARGET]...

Sets up and builds the preset `fuzz` (Clang), then runs each target for SECONDS (60), or those that
are named: path json http first_bytes; as many at once as there are cores. It starts from
tests/fuzz/seeds/TARGET and from what earlier runs have found, in build/fuzz/corpus/TARGET. With
--runs each target starts from the seeds alone and makes N inputs of them, the same ones every time
as far as threads and hash seeds allow: what it finds, the change has most likely broken.

The exit code is 1 if an input was found that breaks something. Then the last lines say for each
target what broke, which file in build/fuzz/crashes holds the input, and the command that repeats it.
Mend it, then keep the file as a seed, with a unit test.
TEXT
}

case ${1-} in -h|--help) usage; exit 0 ;; esac
bound=-max_total_time amount=60
if [ "${1-}" = --runs ]; then bound=-runs amount=; shift; fi
amount=${1-$amount}
[[ $amount =~ ^[1-9][0-9]*$ ]] || { usage >&2; echo "fuzz: '$amount' is no number above 0" >&2; exit 2; }
shift $(($# > 0 ? 1 : 0))
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(http json path first_bytes)
for target in "${targets[@]}"; do
  [ -d "$root/tests/fuzz/seeds/$target" ] || { usage >&2; echo "fuzz: no target '$target'" >&2; exit 2; }
done

"$root/tools/setup.sh" fuzz
# Protoc's plugin is built with the sanitizers, too, and ends without tidying up.
ASAN_OPTIONS=detect_leaks=0 "$root/tools/build.sh" fuzz "${targets[@]/#/fuzz_}"

cd "$root"
export UBSAN_OPTIONS=print_stacktrace=1
crashes=build/fuzz/crashes
mkdir -p "$crashes"

# Leaves what it said in build/fuzz/TARGET.log.
fuzz() {
  local target=$1 found=build/fuzz/corpus/$1
  local options=("$bound=$amount" -timeout=20 -rss_limit_mb=1024 -max_len=5120
                 -print_final_stats=1 -artifact_prefix="$crashes/$target-")
  [ ! -f "tests/fuzz/$target.dict" ] || options+=(-dict="tests/fuzz/$target.dict")
  local same=()
  if [ $bound = -runs ]; then
    options+=(-seed=1)
    same=(setarch --addr-no-randomize)  # addresses are among what it mixes
    found=build/fuzz/same/$target
    rm -rf "$found"
  fi
  mkdir -p "$found"
  exec "${same[@]}" "build/fuzz/bin/fuzz_$target" "${options[@]}" "$found" "tests/fuzz/seeds/$target" \
    &>"build/fuzz/$target.log"
}

declare -A running=()
trap '[ ${#running[@]} -eq 0 ] || kill "${running[@]}" 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM
cores=${JOBS:-$(nproc)}
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$cores" ]; do wait -n || true; done
  echo "fuzz: $target, ${bound#-} $amount"
  fuzz "$target" &
  running[$target]=$!
done

# What a target said and did when it broke, and how to see it again.
tell_of_break() {
  local target=$1 code=$2 log=build/fuzz/$1.log input
  input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  echo "fuzz: $target BROKE (exit code $code):"
  if [ -n "$input" ]; then
    grep -aE '^fuzz: |ERROR: |runtime error: |Assertion ' "$log" | head -n 4 | sed 's/^/  /' || true
    grep -aE '^ *#[0-9]+ .*/(gateway|runtime|actors|tests)/' "$log" | head -n 8 || true
    echo "  input:  $root/$input ($(stat -c %s "$input") bytes; it is kept there)"
    echo "  repeat: UBSAN_OPTIONS=print_stacktrace=1 $root/build/fuzz/bin/fuzz_$target $root/$input"
  else
    tail -n 5 "$log" | sed 's/^/  /'
    echo "  input:  none was written: the target was ended from outside, or ended itself"
  fi
  echo "  all it said: $root/$log"
}

broken=()
for target in "${targets[@]}"; do
  log=build/fuzz/$target.log code=0
  wait "${running[$target]}" || code=$?
  if [ $code -eq 0 ]; then
    printf 'fuzz: %s: %s inputs, %s MB, covers %s edges\n' "$target" \
      "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
      "$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")" \
      "$(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | cut -d ' ' -f 2)"
  else
    broken+=("$target")
    tell_of_break "$target" $code >&2
  fi
done
running=()
[ ${#broken[@]} -eq 0 ] || { echo "fuzz: broken: ${broken[*]}" >&2; exit 1; }
