#!/usr/bin/env bash
# Installs, builds and runs every test. Arguments go to ctest: tests/run.sh -R ledger
set -euo pipefail
cd "$(dirname "$0")/.."
configure=()
. cmake/setup.sh
build_mcbatch build all
git ls-files '*.cpp' '*.hpp' 2>/dev/null | xargs -r clang-format --dry-run --Werror
exec ctest --test-dir build --output-on-failure "$@"
