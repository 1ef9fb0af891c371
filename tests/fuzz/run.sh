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

mkdir -p "build/fuzz/$target"
# The pure rooms are quick to build whole, and so each file of theirs is watched by the sanitizers.
clang++ -std=c++20 -g -O2 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -Iinclude -Isrc \
  "tests/fuzz/$target.cpp" src/core/*.cpp src/quota/*.cpp -o "build/fuzz/fuzz_$target"
exec "build/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -artifact_prefix=build/fuzz/ \
  "build/fuzz/$target" "tests/fuzz/corpus/$target"
