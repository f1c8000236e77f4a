#!/usr/bin/env bash
# All tests. docker and e2e spend most of their time waiting for containers, so they run side by side, each in containers and
# directories of its own, and with docker a part of e2e that no other part disturbs; what boots machines needs all processors and comes
# last, alone. Arguments go to vitest.
set -euo pipefail
cd "$(dirname "$0")/.."
project() { node_modules/.bin/vitest run --project "$@"; }

project unit "$@"

log=$(mktemp)
project docker --project publish "$@" >"$log" 2>&1 &
docker=$!
# Ctrl-C reaches both: they are of one process group.
trap 'kill "$docker" 2>/dev/null || true; rm -f "$log"' EXIT
failed=''
project e2e "$@" || failed="$failed e2e"
wait "$docker" || failed="$failed docker"
cat "$log"
[ -z "$failed" ] || {
  echo "failed:$failed" >&2
  exit 1
}

project proof "$@"
