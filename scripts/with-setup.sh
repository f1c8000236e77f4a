#!/usr/bin/env bash
# Runs a command after scripts/setup.sh. An npm pre-script would be skipped by `ignore-scripts`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/setup.sh"
export PATH="$here/../node_modules/.bin:$PATH"
exec "$@"
