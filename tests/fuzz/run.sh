#!/usr/bin/env bash
# Lets a fuzzer loose: tests/fuzz/run.sh TARGET SECONDS
#
# What it finds worth keeping gathers in build/fuzz/TARGET, and an input that breaks a promise in build/fuzz. Such a one
# belongs into tests/fuzz/corpus/TARGET, where every test run meets it again.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1 seconds=$2
. cmake/setup.sh
packages+=(clang libclang-rt-14-dev)
install_packages

# What a target is about, and what that needs: pure rooms are quick to build, and so each file of theirs is watched by
# the sanitizers. Of the API, all but the client, which has sockets below it.
sources=(src/core/*.cpp)
case $target in
rate_headers) sources+=(src/quota/*.cpp) ;;
manifest | csv) sources+=(src/manifest/*.cpp) ;;
classify) sources+=(src/api/*.cpp) ;;
urls) sources+=(src/manifest/*.cpp src/api/*.cpp src/report/export.cpp) ;;
*)
  echo "there is no target $target" >&2
  exit 64
  ;;
esac

folder=build/fuzz/objects
rm -rf "$folder/$target.a"
mkdir -p "build/fuzz/$target" "$folder"
compile() { # ccache remembers what did not change
  ccache clang++ -std=c++20 -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
    -Iinclude -Isrc -c "$1" -o "$2"
}
for source in "${sources[@]}"; do
  [ "$source" != src/api/client.cpp ] || continue
  compile "$source" "$folder/${source//\//_}.o"
  ar qc "$folder/$target.a" "$folder/${source//\//_}.o"
done
compile "tests/fuzz/$target.cpp" "$folder/$target.o"
# From an archive only what is used is linked.
clang++ -fsanitize=fuzzer,address,undefined "$folder/$target.o" "$folder/$target.a" -lsimdjson -lz -lzstd -lcrypto \
  -o "build/fuzz/fuzz_$target"
exec "build/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=2048 -timeout=60 -artifact_prefix=build/fuzz/ \
  "build/fuzz/$target" "tests/fuzz/corpus/$target"
