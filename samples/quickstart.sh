#!/usr/bin/env bash
# Installs, builds, starts the sandbox (a local double of the service) and submits a sample manifest to it over HTTPS.
set -euo pipefail
cd "$(dirname "$0")/.."
configure=()
. cmake/setup.sh
build_mcbatch build mcbatch_cli

folder=build/quickstart
rm -rf "$folder"
mkdir -p "$folder"
cp samples/catalog.jsonl "$folder"

# A small quota, so that there is something to wait for.
start_sandbox "$folder" --limit 50/5s --latency 60ms --journal "$folder/accepted.jsonl"

export MEDIACONVERT_API_TOKEN=mc_test_sandbox XDG_STATE_HOME="$PWD/$folder/state"
submit=(build/mcbatch submit "$folder/catalog.jsonl" --base-url "$url" --ca-file "$folder/tls/ca.pem" --limit 50/5s)

echo
echo "\$ MEDIACONVERT_API_TOKEN=mc_test_sandbox ${submit[*]}"
"${submit[@]}"
echo
echo "The same again, as after a crash or in a nightly run: nothing is submitted twice."
echo "\$ ${submit[*]}"
"${submit[@]}"
echo
echo "\$ build/mcbatch status $folder/catalog.jsonl.ledger"
build/mcbatch status "$folder/catalog.jsonl.ledger"
cat <<END

That was the sandbox. With a token of your own and a manifest of yours, first without sending anything:

  build/mcbatch check $folder/catalog.jsonl
  export MEDIACONVERT_API_TOKEN=mc_live_...
  build/mcbatch account
  build/mcbatch submit your-manifest.jsonl

END
