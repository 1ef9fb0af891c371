# Sourced by bench/compare.sh: what is measured beside the table. Each prints lines "NAME VALUE"; the report takes the
# median of what has several.

all_singles=(check second_submit first_byte incremental_build)

# seconds_of OUTPUT COMMAND...
seconds_of() {
  local output=$1
  shift
  /usr/bin/time -q -o "$work/seconds" -f %e "$@" >"$output" 2>"$work/messages" || {
    echo "it failed with exit code $?: $*" >&2
    tail -n 20 "$work/messages" >&2
    return 1
  }
  cat "$work/seconds"
}

# A manifest that was read once before, so that nobody waits for the disk; each hundredth job stands there twice.
single_check() {
  local manifest=$work/check.jsonl bytes i seconds
  bench/manifest.sh "$check_jobs" 100 >"$manifest"
  bytes=$(wc -c <"$manifest")
  cat "$manifest" >/dev/null
  for ((i = 0; i < check_times; ++i)); do
    seconds=$(seconds_of "$work/check.json" build/mcbatch check "$manifest" --json)
    grep -q "\"valid\":$check_jobs,\"invalid\":0,\"duplicate\":$((check_jobs / 100))," "$work/check.json" || {
      echo "check counted otherwise: $(head -c 200 "$work/check.json")" >&2
      return 1
    }
    echo "check_mb_per_s $(awk "BEGIN { print $bytes / 1e6 / ($seconds + 1e-9) }")"
    echo "check_s $seconds"
    echo "jq_s $(seconds_of /dev/null jq -c . "$manifest")"
  done
  rm "$manifest"
}

single_second_submit() {
  local manifest=$work/second.jsonl before
  bench/manifest.sh "$second_jobs" >"$manifest"
  local submit=(build/mcbatch submit "$manifest" --base-url "$url" --ca-file "$ca" --limit 1000000000/1s
    --progress none --log-level warning)
  rm -rf "$XDG_STATE_HOME" "$manifest".ledger*
  "${submit[@]}" >/dev/null
  before=$(requests_served)
  echo "second_submit_s $(seconds_of /dev/null "${submit[@]}")"
  echo "second_submit_requests $(($(requests_served) - before - 1))"
  rm "$manifest"*
}

single_first_byte() {
  /usr/bin/python3 bench/compare/first_byte.py "$work" "$first_byte_times" | sed 's/^/first_byte_ms /'
}

# As after an edit: without the compiler's cache, which knows the file as it is.
single_incremental_build() {
  touch src/submit/scheduler.cpp
  echo "incremental_build_s $(CCACHE_DISABLE=1 seconds_of /dev/null ninja -C build mcbatch_cli)"
}
