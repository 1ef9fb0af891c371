#!/usr/bin/env bash
# Installs, builds and runs the tests.
#
#   tests/run.sh                               those of some rooms under sanitizers; then every test
#   tests/run.sh -R ledger                     the tests that CTest chooses by these arguments
#   tests/run.sh --sanitize [address|thread]   the tests under sanitizers: of addresses and undefined behaviour, or of
#                                              threads, or first the one and then the other
#   tests/run.sh --coverage                    every test, and how much of each room they reached
#
# After --sanitize and --coverage, too, further arguments go to CTest.
set -euo pipefail
cd "$(dirname "$0")/.."
configure=()
. cmake/setup.sh
packages+=(chromium chromium-driver python3 prometheus) # for tests/browser, and promtool

# What a plain run repeats under sanitizers: what is very quick to build there, for it has half an hour on any machine.
quick_address=(test_core fuzz_rate_headers)

prefix=() # what a sanitizer needs before CTest

# Two tests more than processors at a time: of those that take longest, two give way to others and the rest sleep.
run_tests() {
  local folder=$1
  shift
  "${prefix[@]}" ctest --test-dir "$folder" --output-on-failure --parallel $(($(nproc) + 2)) "$@"
}

# sanitize address|thread TARGETS CTEST-ARGUMENT...
sanitize() {
  local kind=$1 targets=$2 folder=build-$1 failed=0
  shift 2
  configure=(-DMCBATCH_SANITIZE="${kind/address/address,undefined}")
  # shellcheck disable=SC2086 # a list
  build_mcbatch "$folder" $targets || return
  rm -f "$folder"/findings/*
  # GCC's runtime for threads does not know every layout of addresses that Linux may choose by chance.
  prefix=()
  if [ "$kind" = thread ] && setarch -R true 2>/dev/null; then prefix=(setarch -R); fi
  run_tests "$folder" --label-exclude 'memory|time|long' "$@" || failed=1
  local finding
  for finding in "$folder"/findings/*; do
    [ -e "$finding" ] || continue
    failed=1
    echo "--- $finding"
    cat "$finding"
  done
  return $failed
}

# coverage CTEST-ARGUMENT...
coverage() {
  packages+=(gcovr)
  configure=(-DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="--coverage -fprofile-update=atomic")
  build_mcbatch build-coverage all
  find build-coverage -name '*.gcda' -delete
  local failed=0
  run_tests build-coverage "$@" || failed=1
  # Branches to where an exception would go are the compiler's, not ours.
  gcovr --filter src/ --filter include/ --exclude-throw-branches --exclude-unreachable-branches \
    --csv - build-coverage |
    awk -F, '
      NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
      {
        room = $1
        sub(/^(src|include\/mcbatch)\//, "", room)
        sub(/\/.*/, "", room)
        for (key in column) if (key ~ /^(line|branch)_(total|covered)$/) {
          sum[room, key] += $column[key]
          sum["all", key] += $column[key]
        }
        rooms[room]
      }
      function percent(room, what) { return 100 * sum[room, what "_covered"] / (sum[room, what "_total"] + 1e-9) }
      function row(room) {
        return sprintf("%-12s %7d %6.1f %% %10d %6.1f %%", room, sum[room, "line_total"], percent(room, "line"),
                       sum[room, "branch_total"], percent(room, "branch"))
      }
      END {
        printf "%-12s %7s %8s %10s %8s\n", "room", "lines", "reached", "branches", "reached"
        for (room in rooms) print row(room) | "sort"
        close("sort")
        print row("all")
      }'
  return $failed
}

# sanitize_quickly address|thread TARGET...
sanitize_quickly() {
  local kind=$1
  shift
  local tests=("${@#test_}")
  sanitize "$kind" "$*" --tests-regex "^($(IFS='|' && echo "${tests[*]}"))\$"
}

case ${1-} in
--sanitize)
  shift
  kinds=(address thread)
  case ${1-} in
  address | thread)
    kinds=("$1")
    shift
    ;;
  esac
  failed=0
  for kind in "${kinds[@]}"; do
    sanitize "$kind" all "$@" || failed=1
  done
  exit $failed
  ;;
--coverage)
  shift
  coverage "$@"
  ;;
'')
  # The tests themselves come last, so that CTest's closing lines are theirs.
  failed=0
  sanitize_quickly address "${quick_address[@]}" || failed=1
  configure=()
  prefix=()
  build_mcbatch build all
  run_tests build || failed=1
  [ $failed = 0 ] || echo "something failed: see above" >&2
  exit $failed
  ;;
*)
  build_mcbatch build all
  run_tests build "$@"
  ;;
esac
