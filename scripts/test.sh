#!/usr/bin/env bash
# All tests. docker and e2e spend most of their time waiting for containers, so they run side by side, each in containers and
# directories of its own, and with docker a part of e2e that no other part disturbs; what boots machines needs all processors and comes
# last, alone. Arguments go to vitest.
set -euo pipefail
cd "$(dirname "$0")/.."
project() { node_modules/.bin/vitest run --project "$@"; }

project unit "$@"
project local "$@"

logs=$(mktemp -d)
[ ! -t 1 ] || export FORCE_COLOR=1
project docker --project publish "$@" >"$logs/docker" 2>&1 &
docker=$!
# Ctrl-C reaches both: they are of one process group.
trap 'kill "$docker" 2>/dev/null || true; rm -rf "$logs"' EXIT
failed=''
project e2e "$@" 2>&1 | tee "$logs/e2e" || failed="$failed e2e"
wait "$docker" || failed="$failed docker"
cat "$logs/docker"
[ -z "$failed" ] || {
  # Once more, at the end: whoever reads a log of CI may have no more of it than that.
  sed -s -n '/Failed \(Tests\|Suites\)/,$p' "$logs"/*
  echo "failed:$failed" >&2
  exit 1
}

project proof "$@"
