#!/usr/bin/env bash
# All tests, one project after the other: what needs the engine must not compete with itself. Arguments go to vitest.
set -euo pipefail
cd "$(dirname "$0")/.."
for project in unit docker e2e proof; do
  node_modules/.bin/vitest run --project "$project" "$@"
done
