#!/usr/bin/env bash
# Installs what is needed, builds and passes all tests: g++ release, ASan+UBSan, TSan, fuzzing, the style of the sources, the real binary end to end
# and the short form of every acceptance script. The last line is the sum.
#   tests/run.sh            everything
#   tests/run.sh --quick    a developer's run: the g++ build, its tests, style and end to end
set -uo pipefail
cd "$(dirname "$0")/.."

quick=0
case ${1:-} in
  "") ;;
  --quick) quick=1 ;;
  *) sed -n '2,6p' "$0" >&2; exit 2 ;;
esac

results=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$results"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
passed=0 failed=0 skipped=0
failures=()
began=$SECONDS

section() {
  printf '\n\033[1m== %s\033[0m (%d s after the start)\n' "$1" $((SECONDS - began))
}

# sum PASSED FAILED SKIPPED: adds to the totals.
sum() {
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# one NAME COMMAND...: a test that is one command. Status 77 means skipped. Its output is shown where it fails.
one() {
  local name=$1
  shift
  watched "$name" "$@"
  count $? "$name"
}

# watched NAME COMMAND...: runs it, tells what became of it, and ends with its status.
watched() {
  local name=$1 status=0 start=$SECONDS output
  shift
  output=$("$@" 2>&1) || status=$?
  case $status in
    0) printf '  passed   %s (%d s)\n' "$name" $((SECONDS - start)) ;;
    77) printf '  skipped  %s: %s\n' "$name" "$(tail -n 1 <<<"$output")" ;;
    *) printf '  FAILED   %s (status %d, %d s)\n%s\n' "$name" $status $((SECONDS - start)) "$(tail -n 60 <<<"$output" | sed 's/^/    | /')" ;;
  esac
  return $status
}

# count STATUS NAME: into the sum.
count() {
  case $1 in
    0) sum 1 0 0 ;;
    77) sum 0 0 1 ;;
    *) sum 0 1 0; failures+=("$2") ;;
  esac
}

# build PRESET [TARGET...]: configures and builds; nothing else can be done where that fails.
build() {
  local preset=$1
  shift
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset" ${1:+--target "$@"}; } >"$results/build" 2>&1; then
    grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking)' "$results/build" | tail -n 60
    echo "0 passed, 1 failed: the build of preset $preset"
    exit 1
  fi
  printf '  built preset %s\n' "$preset"
}

# unit_tests PRESET: CTest, counted by single test.
unit_tests() {
  local status=0
  rm -rf "$results/gtest"
  GTEST_OUTPUT="xml:$results/gtest/" ctest --preset "$1" -j2 >"$results/output" 2>&1 || status=$?
  read -r good bad left < <(python3 tests/count_gtest.py "$results/gtest")
  if [ $status != 0 ]; then
    grep -vE '^(\[ +(OK|RUN)|\[-+\])' "$results/output" | tail -n 80 | sed 's/^/    | /'
    failures+=("unit tests, preset $1")
    [ "$bad" -gt 0 ] || bad=1  # a crash leaves no XML
  fi
  sum "$good" "$bad" "$left"
  printf '  unit tests, preset %s: %d passed, %d failed, %d skipped\n' "$1" "$good" "$bad" "$left"
}

# fuzz SECONDS: every fuzz target for so long, from the seeds of tests/fuzz/corpus/<target> where there are any.
fuzz() {
  local target seeds
  for target in build-fuzz/*_fuzz; do
    [ -x "$target" ] || continue
    seeds=tests/fuzz/corpus/$(basename "$target")
    mkdir -p "$results/corpus/$(basename "$target")"
    one "fuzz $(basename "$target")" "$target" -max_total_time="$1" -rss_limit_mb=2048 -timeout=10 -verbosity=0 -dict=tests/fuzz/http.dict \
      -artifact_prefix="$results/" "$results/corpus/$(basename "$target")" $([ -d "$seeds" ] && echo "$seeds")
  done
}

# scripts BUILD_DIRECTORY AT_ONCE FILE...: end-to-end tests and acceptance scripts with the binaries of that build, so many side by side: most of
# them wait most of the time. Each leaves its status.
scripts() {
  local directory=$1 at_once=$2 running=0 script
  shift 2
  for script in "$@"; do
    if [ $running -ge "$at_once" ]; then
      wait -n
      running=$((running - 1))
    fi
    {
      UNDERSTUDY_BUILD=$PWD/$directory watched "$(basename "$script")" timeout 600 "$script"
      echo $? >"$results/scripts/$(basename "$script")"
    } &
    running=$((running + 1))
  done
  wait
}

# status_of SCRIPT: what it left; nothing is a failure too.
status_of() {
  cat "$results/scripts/$(basename "$1")" 2>/dev/null || echo 1
}

# What measures a time or needs both processors has the machine to itself.
needs_the_machine() {
  case $(basename "$1") in
    tls_test.py | verdict_test.py) return 0 ;;
    07-* | 08-* | 14-* | 16-* | 20-* | 21-* | 22-* | 23-* | 25-* | 26-*) return 0 ;;
  esac
  return 1
}

# all_scripts BUILD_DIRECTORY FILE...: two at a time, but for those that need the machine. What fails beside another one is tried again alone, and
# fails if that fails: whether it was the neighbour is seen only there.
all_scripts() {
  local directory=$1 script alone=() together=() again=()
  shift
  rm -rf "$results/scripts"
  mkdir "$results/scripts"
  for script in "$@"; do
    if needs_the_machine "$script"; then alone+=("$script"); else together+=("$script"); fi
  done
  scripts "$directory" 2 "${together[@]}"
  for script in "${together[@]}"; do
    case $(status_of "$script") in 0 | 77) ;; *) again+=("$script") ;; esac
  done
  [ ${#again[@]} = 0 ] || printf '  once more, alone: %s\n' "${again[*]##*/}"
  scripts "$directory" 1 "${again[@]}" "${alone[@]}"
  for script in "$@"; do count "$(status_of "$script")" "$(basename "$script"), $directory"; done
}

section "Dependencies"
conf/install-dependencies.sh test || exit 1

section "g++ release"
build release
unit_tests release

section "Style of the sources"
one style python3 tests/style_test.py

section "End to end, the g++ release"
all_scripts build tests/end_to_end/*_test.py

if [ $quick = 0 ]; then
  section "AddressSanitizer and UndefinedBehaviorSanitizer, clang 19"
  build asan
  unit_tests asan

  section "End to end, sanitized"
  export ASAN_OPTIONS=abort_on_error=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
  all_scripts build-asan tests/end_to_end/*_test.py

  section "ThreadSanitizer, clang 19: what threads or processes share"
  build tsan
  unit_tests tsan

  section "Fuzzing"
  build fuzz
  fuzz 12

  section "Acceptance, short forms"
  all_scripts build tests/acceptance/[0-9]*
fi

section "Sum"
[ ${#failures[@]} -eq 0 ] || printf '  failed: %s\n' "${failures[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
