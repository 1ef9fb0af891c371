# Sourced by tests/run.sh and samples/quickstart.sh, from the top of the project: installs what is missing of Debian's
# packages, configures and builds. A second time each step finds its work done.
#
#   build_mcbatch FOLDER TARGET...
#   start_sandbox FOLDER OPTION...     sets $url, and $sandbox to its process; it ends with the script

packages=(
  g++ cmake ninja-build ccache
  libboost1.81-dev libboost-test1.81-dev libssl-dev libsimdjson-dev libsqlite3-dev zlib1g-dev libzstd-dev
  libcli11-dev libspdlog-dev libfmt-dev nlohmann-json3-dev prometheus-cpp-dev libjemalloc-dev libjs-chart.js
  clang-format
)

install_packages() {
  local missing=() package
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "installing ${missing[*]}"
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

build_mcbatch() {
  local folder=$1
  shift
  install_packages
  # What ccache must overlook for a precompiled header.
  export CCACHE_SLOPPINESS=pch_defines,time_macros
  [ -f "$folder/build.ninja" ] || cmake -S . -B "$folder" -G Ninja -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "${configure[@]}" >/dev/null
  ninja -C "$folder" "$@"
}

start_sandbox() {
  local folder=$1
  shift
  build/mcbatch sandbox --listen 127.0.0.1:0 --tls-dir "$folder/tls" "$@" >"$folder/sandbox.out" 2>"$folder/sandbox.err" &
  sandbox=$!
  trap 'kill "$sandbox" 2>/dev/null || true' EXIT
  until grep -q '^listening on' "$folder/sandbox.out"; do
    kill -0 "$sandbox" 2>/dev/null || { cat "$folder/sandbox.err" >&2; exit 1; }
    sleep 0.1
  done
  url=$(sed -n 's/^listening on //p' "$folder/sandbox.out")
}
