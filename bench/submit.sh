#!/usr/bin/env bash
# How fast durable submission goes: submits N generated jobs (default 20000) to the sandbox on the same machine, with no
# quota in the way, and prints jobs a second. Client and sandbox share the processors. bench/submit.sh [N]
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${1:-20000}
configure=()
. cmake/setup.sh
build_mcbatch build mcbatch_cli >/dev/null

folder=$(mktemp -d)
start_sandbox "$folder" --limit 1000000000/1s --headers none --journal "$folder/journal"
trap 'kill "$sandbox" 2>/dev/null || true; rm -rf "$folder"' EXIT
seq "$jobs" | sed 's|.*|{"job_type":"video","input_url":"https://in.example.com/masters/&.mov","output_url":"https://out.example.com/delivery/&.mp4","input_format":"mov","output_format":"mp4","input_size_bytes":&}|' \
  >"$folder/manifest.jsonl"

export MEDIACONVERT_API_TOKEN=mc_test_sandbox XDG_STATE_HOME="$folder/state"
build/mcbatch submit "$folder/manifest.jsonl" --base-url "$url" \
  --ca-file "$folder/tls/ca.pem" --limit 1000000000/1s --log-level warning --progress none
[ "$(wc -l <"$folder/journal")" = "$jobs" ] || { echo "the sandbox accepted another number of jobs" >&2; exit 1; }
