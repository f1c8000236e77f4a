#!/usr/bin/env bash
# format + lint + types + unused + unit tests: the one word that says whether a change is good.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
step() {
  printf '== %s\n' "$*"
  "$@"
}
step prettier --check --log-level warn .
step eslint .
step scripts/check-shell.sh
step node --import tsx scripts/check-workflows.ts
step tsc --noEmit
step knip
step vitest run --project unit
