#!/usr/bin/env bash
# How much of a quota a run uses: submits some hundred jobs to the sandbox under two limits with windows of seconds, for
# each reading of a window, and prints by the sandbox's journal how long that took beside the optimum: a client that loses
# no moment and keeps the limits in every window of their length. Fails if a request was refused, a window held too many
# or the optimum was missed by more than 2 %. About two minutes.
#
#   bench/quota.sh [--plot FILE]     FILE.svg or .png: instead draws one run of a minute and a half, by gnuplot
set -euo pipefail
plot=
if [ "${1-}" = --plot ] && [ $# = 2 ]; then
  plot=$(realpath "$2")
elif [ $# != 0 ]; then
  echo "usage: bench/quota.sh [--plot FILE]" >&2
  exit 64
fi
cd "$(dirname "$0")/.."
configure=()
. cmake/setup.sh
[ -z "$plot" ] || packages+=(gnuplot-nox)
build_mcbatch build mcbatch_cli >/dev/null

folder=$(mktemp -d)
export MEDIACONVERT_API_TOKEN=mc_test_sandbox
sandbox=
finish() {
  [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
  rm -rf "$folder"
}

# READING JOBS LIMIT...: leaves $run/journal and $run/summary
submit_under() {
  local reading=$1 jobs=$2 limits=() limit
  shift 2
  for limit; do limits+=(--limit "$limit"); done
  run=$folder/$reading
  mkdir "$run"
  start_sandbox "$run" --window "$reading" "${limits[@]}" --journal "$run/journal"
  trap finish EXIT
  seq "$jobs" | sed 's|.*|{"job_type":"video","input_url":"https://in.example.com/&.mov","output_url":"https://out.example.com/&.mp4","input_format":"mov","output_format":"mp4","input_size_bytes":&}|' \
    >"$run/manifest.jsonl"
  XDG_STATE_HOME="$run/state" build/mcbatch submit "$run/manifest.jsonl" --base-url "$url" --ca-file "$run/tls/ca.pem" \
    "${limits[@]}" --log-level warning --progress none --summary json >"$run/summary"
  kill "$sandbox"
  wait "$sandbox" 2>/dev/null || true
  sandbox=
}

summary_number() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$run/summary"; }

# Seconds since the first, of each job that was accepted.
accepted_at() { sed -n 's/.*"mono_ns":\([0-9]*\).*/\1/p' "$run/journal" | awk 'NR == 1 { first = $1 } { printf "%.6f\n", ($1 - first) / 1e9 }'; }

# READING, then COUNT SECONDS of each of two limits: one line of the table. Fails where the goal is missed.
judge() {
  accepted_at | awk -v reading="$1" -v n1="$2" -v w1="$3" -v n2="$4" -v w2="$5" \
    -v refused="$(summary_number rate_limited)" -v requests="$(summary_number sent)" -v share="$(summary_number used_share)" '
    function most(w,   i, first, n) { # in any window of that length
      first = 1
      for (i = 1; i <= NR; ++i) {
        while (at[i] - at[first] >= w) ++first
        if (i - first + 1 > n) n = i - first + 1
      }
      return n
    }
    { at[NR] = $1 }
    END {
      for (i = 1; i <= NR; ++i) { # the optimum: a window after the one that a limit counts back
        best[i] = i > 1 ? best[i - 1] : 0
        if (i > n1 && best[i - n1] + w1 > best[i]) best[i] = best[i - n1] + w1
        if (i > n2 && best[i - n2] + w2 > best[i]) best[i] = best[i - n2] + w2
      }
      ratio = best[NR] / at[NR]
      printf "%-8s %9d %5d %9.3f s %9.3f s %8.2f %% %10.2f %% %10d of %d %10d of %d\n", reading, requests, refused, at[NR],
        best[NR], 100 * ratio, 100 * share, most(w1), n1, most(w2), n2
      exit refused > 0 || most(w1) > n1 || most(w2) > n2 || ratio < 0.98
    }'
}

# COUNT SECONDS: what a limit would allow alone, until the end of the plot.
steps_of() { awk -v n="$1" -v w="$2" 'BEGIN { for (t = 0; t <= 90; t += w) print t, total += n; print 90, total }'; }

draw() {
  accepted_at | awk '{ print $1, NR }' >"$folder/accepted"
  steps_of 20 5 >"$folder/short"
  steps_of 80 40 >"$folder/long"
  local terminal="svg size 820,440 dynamic font 'sans-serif,14' background rgb 'white'"
  [ "${plot##*.}" != png ] || terminal="pngcairo size 820,440 font 'sans,11' background rgb 'white'"
  gnuplot <<END
set terminal $terminal
set output '$plot'
set xlabel 'seconds since the first request'
set ylabel 'jobs accepted'
set xrange [0:90]
set yrange [0:260]
set key top left
set grid lc rgb '#dddddd'
set border lc rgb '#444444'
plot '$folder/short' with steps lw 1.5 lc rgb '#e08214' title 'what 20 in 5 s would allow alone', \
  '$folder/long' with steps lw 1.5 lc rgb '#7570b3' title 'what 80 in 40 s would allow alone', \
  '$folder/accepted' with steps lw 2.5 lc rgb '#1b9e77' title 'accepted'
END
  echo "$plot: $(summary_number sent) requests, $(summary_number rate_limited) refused, $(summary_number used_share) of the quota used while work was waiting"
}

if [ -n "$plot" ]; then
  submit_under sliding 200 20/5s 80/40s
  draw
  exit
fi
printf '%-8s %9s %5s %11s %11s %10s %12s %16s %17s\n' window requests 429s took optimum reached "by summary" "most in 2 s" "most in 15 s"
missed=0
for reading in fixed sliding bucket; do
  submit_under "$reading" 290 20/2s 120/15s
  judge "$reading" 20 2 120 15 || missed=1
done
exit $missed
