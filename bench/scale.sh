#!/usr/bin/env bash
# What ten times the jobs cost: submits 10^6 and 10^7 generated jobs, each with a new ledger, to a local server, and
# prints memory and processor time a job, and how long it takes to go on with the last hundredth, to ask how the run
# stands, and to export it. Fails where 10^7 take more than 1.2 times the memory of 10^6, or 150 MB, or more than 1.5
# times the processor time a job. About a quarter of an hour and 15 GB of disk.
#
#   bench/scale.sh [--quick]       10^4 and 10^5 jobs, to see that it works: no goal makes it fail
set -euo pipefail
shopt -s inherit_errexit
quick=
if [ "${1-}" = --quick ] && [ $# = 1 ]; then
  quick=yes
elif [ $# != 0 ]; then
  echo "usage: bench/scale.sh [--quick]" >&2
  exit 64
fi
cd "$(dirname "$0")/.."
. bench/compare/server.sh
configure=()
. cmake/setup.sh
packages+=(curl python3 openssl time)
build_mcbatch build mcbatch_cli >/dev/null

mkdir -p build/compare
work=$(mktemp -d "$PWD/build/compare/XXXXXX")
trap 'stop_server; rm -rf "$work"' EXIT
export MEDIACONVERT_API_TOKEN=$token XDG_STATE_HOME=$work/state
start_server "$work"
manifest=$work/manifest.jsonl
ledger=$manifest.ledger

# submit_jobs OPTION...: prints what measure_client does; to be stopped by --max-jobs is no failure.
submit_jobs() {
  measure_client bash -c '"$@" || [ $? = 75 ]' _ build/mcbatch submit "$manifest" --base-url "$url" --ca-file "$ca" \
    --limit 1000000000/1s --progress none --log-level warning "$@"
}

# measure_offline OUTPUT COMMAND...: SECONDS KIB
measure_offline() {
  local output=$1
  shift
  /usr/bin/time -q -o "$work/time" -f '%e %M' "$@" >"$output" || return
  cat "$work/time"
}

# JOBS: one line of the table, and a line "CPU-US-A-JOB PEAK-MB" in $work/costs.
measure_scale() {
  local jobs=$1 first rest status exported
  rm -rf "$XDG_STATE_HOME" "$manifest"*
  bench/manifest.sh "$jobs" >"$manifest"
  first=$(submit_jobs --max-jobs $((jobs - jobs / 100)))
  rest=$(submit_jobs)
  status=$(measure_offline "$work/status" build/mcbatch status "$ledger" --json)
  grep -q "\"submitted\":${jobs}[,}]" "$work/status" || { echo "not every job was submitted" >&2; exit 1; }
  exported=$(measure_offline /dev/null build/mcbatch export "$ledger")
  # shellcheck disable=SC2086 # lists
  set -- $first $rest $status $exported
  awk -v n="$jobs" -v sent="$1" -v s="$2" -v user="$3" -v sys="$4" -v kib="$5" -v rest="$6" -v rest_s="$7" \
    -v rest_kib="${10}" -v status_s="${11}" -v export_s="${13}" -v export_kib="${14}" -v gb="$(du -b "$ledger" | cut -f1)" \
    -v costs="$work/costs" 'BEGIN {
      printf "| %d | %.0f | %.1f | %.0f | %.1f (%d sent, %.0f MB) | %.2f | %.1f (%.0f MB) | %.2f |\n", n, sent / s,
        1e6 * (user + sys) / sent, kib * 1024 / 1e6, rest_s, rest, rest_kib * 1024 / 1e6, status_s, export_s,
        export_kib * 1024 / 1e6, gb / 1e9
      print 1e6 * (user + sys) / sent, kib * 1024 / 1e6 >>costs
    }'
}

sizes=(1000000 10000000)
[ -z "$quick" ] || sizes=(10000 100000)
echo "| Jobs | Import and submit, jobs/s | CPU µs a job | Peak MB | Resume, the last hundredth, s | Status, s | Export, s | Ledger, GB |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- |"
for size in "${sizes[@]}"; do
  measure_scale "$size"
done
check_answers "$work"
echo
awk -v quick="$quick" '
  { cpu[NR] = $1; memory[NR] = $2 }
  function verdict(what, value, most) {
    printf "%s: %.2f, at most %s: %s\n", what, value, most, value <= most ? "met" : "missed"
    missed += value > most
  }
  END {
    verdict("memory of ten times the jobs", memory[2] / memory[1], 1.2)
    verdict("MB at their peak", memory[2], 150)
    verdict("CPU a job, over that of a tenth", cpu[2] / cpu[1], 1.5)
    exit missed > 0 && !quick
  }' "$work/costs"
