#!/usr/bin/env bash
# Installs, builds and runs every test. Arguments go to ctest: tests/run.sh -R ledger
set -euo pipefail
cd "$(dirname "$0")/.."
configure=()
. cmake/setup.sh
build_mcbatch build all
exec ctest --test-dir build --output-on-failure "$@"
