#!/usr/bin/env bash
# Makes the pictures of the report and the live page again, from a real run against the sandbox: samples/*.png. Six
# minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
configure=()
. cmake/setup.sh
packages+=(chromium chromium-driver python3)
build_mcbatch build mcbatch_cli
python3 -B tests/browser/screenshots.py build/mcbatch samples
ls -l samples/*.png
