#!/usr/bin/env bash
# Installs, builds and runs the micro-benchmarks of the rooms. Arguments go to Google Benchmark:
#
#   bench/micro.sh --benchmark_filter=ledger
set -euo pipefail
cd "$(dirname "$0")/.."
configure=(-DMCBATCH_BENCHMARKS=ON -DMCBATCH_TESTS=OFF)
. cmake/setup.sh
packages+=(libbenchmark-dev)
build_mcbatch build-micro bench_micro >/dev/null
# Ledgers lie in the working folder, which is on a disk: /tmp may be memory.
cd build-micro
exec bench/bench_micro "$@"
