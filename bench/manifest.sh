#!/usr/bin/env bash
# Prints a generated manifest, as JSON Lines: JOBS jobs of 330 bytes each. With EVERY, each job of a number divisible by
# that stands there twice. bench/manifest.sh JOBS [EVERY]
set -euo pipefail
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  echo "usage: bench/manifest.sh JOBS [EVERY]" >&2
  exit 64
fi
awk -v jobs="$1" -v every="${2-0}" 'BEGIN {
  form = "{\"id\":\"job-%010d\",\"job_type\":\"video\"," \
    "\"input_url\":\"https://ingest.example.com/masters/season/%010d/master.mov\"," \
    "\"output_url\":\"https://delivery.example.com/renditions/season/%010d/1080p.mp4\"," \
    "\"input_format\":\"mov\",\"output_format\":\"mp4\",\"input_size_bytes\":%d," \
    "\"webhook_url\":\"https://hooks.example.com/conversions\"}\n"
  for (i = 1; i <= jobs; ++i) {
    printf form, i, i, i, 1000000000 + i
    if (every > 0 && i % every == 0) printf form, i, i, i, 1000000000 + i
  }
}'
