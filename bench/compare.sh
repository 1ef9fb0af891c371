#!/usr/bin/env bash
# Compares mcbatch with the field's other ways to send many requests: all of them in turn against one local server, for
# several rounds. Prints a table and the ratios that are goals, and fails where one is missed. bench/README.md says how
# to read it. About twenty minutes.
#
#   bench/compare.sh [--rounds N] [--quick] [--only NAME,...] [--plot FILE.svg]
#
#   --rounds N     how often each client has its turn (5)
#   --quick        once and little of everything, to see that it works: its numbers mean nothing, and no goal makes it
#                  fail
#   --only NAME    of wrk h2load hey ab python curl_parallel gnu_parallel curl submit bench, and of what is measured
#                  beside the table: check second_submit first_byte incremental_build
#   --plot FILE    draws the table as well, by gnuplot
set -euo pipefail
shopt -s inherit_errexit

usage() {
  echo "usage: bench/compare.sh [--rounds N] [--quick] [--only NAME,...] [--plot FILE.svg]" >&2
  exit 64
}

rounds=5
quick=
only=
plot=
while [ $# -gt 0 ]; do
  case $1 in
  --quick) quick=yes ;;
  --rounds | --only | --plot)
    [ $# -ge 2 ] || usage
    case $1 in
    --rounds) rounds=$2 ;;
    --only) only=$2 ;;
    --plot) plot=$(realpath "$2") ;;
    esac
    shift
    ;;
  *) usage ;;
  esac
  shift
done
[[ $rounds =~ ^[1-9][0-9]*$ ]] || usage

# A file of all trust anchors that somebody named would be read by every client before anything else.
unset SSL_CERT_FILE SSL_CERT_DIR

cd "$(dirname "$0")/.."
. bench/compare/server.sh
. bench/compare/clients.sh
. bench/compare/single.sh
. bench/compare/plot.sh

seconds=10 ab_jobs=200000 python_jobs=20000 process_jobs=500 submit_jobs=200000
check_jobs=1500000 check_times=3 second_jobs=1000000 first_byte_times=21
if [ -n "$quick" ]; then
  rounds=1 seconds=1 ab_jobs=2000 python_jobs=1000 process_jobs=20 submit_jobs=2000
  check_jobs=10000 check_times=1 second_jobs=2000 first_byte_times=3
fi

for name in ${only//,/ }; do
  [[ " ${all_clients[*]} ${all_singles[*]} " == *" $name "* ]] || {
    echo "there is nothing named $name to compare: see the head of bench/compare.sh" >&2
    exit 64
  }
done
describe_machine() {
  echo "$(sed -n 's/^model name\t*: //p;T;q' /proc/cpuinfo), $(nproc) processors," \
    "$(. /etc/os-release && echo "$PRETTY_NAME"), Linux $(uname -r); ledgers on $(stat -f -c %T "$work");" \
    "rounds: $rounds"
  dpkg-query -W -f '${Package} ${Version}; ' wrk nghttp2-client hey apache2-utils parallel curl python3 jq
  "$nginx" -v 2>&1
}

wanted() { [ -z "$only" ] || [[ ,$only, == *,$1,* ]]; }

configure=()
. cmake/setup.sh
packages+=(wrk nghttp2-client hey apache2-utils parallel curl python3 jq openssl time)
[ -z "$plot" ] || packages+=(gnuplot-nox)
build_mcbatch build mcbatch_cli >/dev/null

# Within the build folder, so that ledgers lie on a disk: /tmp may be memory.
mkdir -p build/compare
work=$(mktemp -d "$PWD/build/compare/XXXXXX")
trap 'stop_server; rm -rf "$work"' EXIT
export MEDIACONVERT_API_TOKEN=$token XDG_STATE_HOME=$work/state
start_server "$work"
prepare_clients

clients=()
for name in "${all_clients[@]}"; do
  wanted "$name" || continue
  if [ "$name" = bench ] && ! build/mcbatch bench --help | grep -e --no-ledger >/dev/null; then
    echo "this mcbatch has no bench --no-ledger: its row is left out" >&2
    continue
  fi
  clients+=("$name")
done

: >"$work/rounds"
: >"$work/singles"
for ((round = 1; round <= rounds; ++round)); do
  for name in "${clients[@]}"; do
    echo "round $round of $rounds: $name" >&2
    measured=$("run_$name")
    echo "$round $name $measured" >>"$work/rounds"
  done
done
check_answers "$work"
for name in "${all_singles[@]}"; do
  wanted "$name" || continue
  echo "measuring $name" >&2
  "single_$name" >>"$work/singles"
done
check_answers "$work"

describe_machine
echo
[ -z "$plot" ] || draw_rounds "$work/rounds" "$plot"
status=0
/usr/bin/python3 bench/compare/report.py "$work/rounds" "$work/singles" || status=1
[ -n "$quick" ] || exit $status
