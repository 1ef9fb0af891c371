# Sourced by bench/compare.sh: a function for each row of the table. Each runs its client once against the server,
# with 64 connections (the Python client: 32 threads) and bodies of 330 bytes, and prints what measure_client does.
# Whoever can posts one body again and again; the others read a manifest.

all_clients=(wrk h2load hey ab python curl_parallel gnu_parallel curl submit bench)

# What the clients read: $work/body, $work/post.lua, $work/curlrc, and manifests of as many jobs as each can do in about
# ten seconds.
prepare_clients() {
  bench/manifest.sh 1 | tr -d '\n' >"$work/body"
  bench/manifest.sh "$submit_jobs" >"$work/submit.jsonl"
  head -n "$python_jobs" "$work/submit.jsonl" >"$work/python.jsonl"
  head -n "$process_jobs" "$work/submit.jsonl" >"$work/process.jsonl"
  cat >"$work/post.lua" <<END
wrk.method = "POST"
wrk.body = io.open("$work/body"):read("*a")
wrk.headers["Authorization"] = "Bearer $token"
wrk.headers["Content-Type"] = "application/json"
END
  cat >"$work/curlrc" <<END
silent
show-error
fail
cacert = "$ca"
header = "Authorization: Bearer $token"
header = "Content-Type: application/json"
output = "/dev/null"
END
}

run_wrk() { measure_client wrk -t 1 -c 64 -d "${seconds}s" -s "$work/post.lua" "$url/conversion_jobs"; }

run_h2load() {
  measure_client h2load --h1 -t 1 -c 64 -D "$seconds" -d "$work/body" -H "Authorization: Bearer $token" \
    -H "Content-Type: application/json" "$url/conversion_jobs"
}

run_hey() {
  measure_client hey -cpus 1 -c 64 -z "${seconds}s" -m POST -D "$work/body" -H "Authorization: Bearer $token" \
    -T application/json "$url/conversion_jobs"
}

run_ab() {
  measure_client ab -q -k -l -c 64 -n "$ab_jobs" -p "$work/body" -H "Authorization: Bearer $token" -T application/json \
    "$url/conversion_jobs"
}

run_python() {
  measure_client /usr/bin/python3 bench/compare/keep_alive.py "$url" "$ca" $token 32 "$work/python.jsonl"
}

run_curl_parallel() {
  measure_client curl -K "$work/curlrc" --parallel --parallel-max 64 --data-binary "@$work/body" \
    "$url/conversion_jobs?[1-$python_jobs]"
}

run_gnu_parallel() {
  rm -f "$work/joblog"
  PARALLEL_HOME=$work/parallel measure_client parallel --will-cite -q -j 64 --joblog "$work/joblog" \
    curl -K "$work/curlrc" --data-binary '{}' "$url/conversion_jobs" :::: "$work/process.jsonl"
}

run_curl() {
  measure_client bash -c 'while read -r line; do curl -K "$1" --data-binary "$line" "$2" || exit; done' _ \
    "$work/curlrc" "$url/conversion_jobs" <"$work/process.jsonl"
}

# A new ledger each time, and nothing remembered of the account.
run_submit() {
  rm -rf "$XDG_STATE_HOME" "$work"/submit.jsonl.ledger*
  measure_client build/mcbatch submit "$work/submit.jsonl" --base-url "$url" --ca-file "$ca" --limit 1000000000/1s \
    --progress none --log-level warning
}

run_bench() {
  measure_client build/mcbatch bench --no-ledger --base-url "$url" --ca-file "$ca" --connections 64 \
    --duration "${seconds}s" --json
}
