#!/usr/bin/env bash
# Runs a command after scripts/setup.sh, which gets the options that stand before it. An npm pre-script would be skipped by `ignore-scripts`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
options=()
while [[ ${1:-} == --* ]]; do
  options+=("$1")
  shift
done
"$here/setup.sh" "${options[@]}"
export PATH="$here/../node_modules/.bin:$PATH"
exec "$@"
