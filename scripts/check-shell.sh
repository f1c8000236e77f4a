#!/usr/bin/env bash
# Runs shellcheck over every shell script of ours, tracked or new, found by its first line.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v shellcheck >/dev/null || {
  echo "check-shell: shellcheck is missing. Run scripts/setup.sh --dev, or install it with your package manager." >&2
  exit 6
}
mapfile -t scripts < <(git ls-files --cached --others --exclude-standard -z |
  xargs -0 awk 'FNR == 1 && /^#!.*\/(env )?(ba)?sh/ { print FILENAME } FNR > 1 { nextfile }' 2>/dev/null)
[ ${#scripts[@]} -gt 0 ] || {
  echo "check-shell: found no scripts; the search is broken." >&2
  exit 1
}
shellcheck "${scripts[@]}"
echo "${#scripts[@]} shell scripts are clean"
