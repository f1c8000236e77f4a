#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The first process of every step container: /bin/bash /step/entry.sh <script>.sh
#
# Settings  passed on to the script as they are; umask, locale, time zone and HOME are fixed here.
# Inputs    /step/<script>.sh, standard input (passed on)
# Outputs   /out/.receipt, written only when the script succeeded: one line "sha256  size  relative/path" for every file
#           below /out, sorted by path, then "end <count>". Output without a receipt, or that differs from it, does not count.
# Exit      the script's own code; 64 = called wrongly, 65 = /out holds something a receipt cannot name.
set -euo pipefail
umask 022
export LC_ALL=C LANG=C TZ=UTC
unset LANGUAGE CDPATH BASH_ENV ENV

if [ $# -lt 1 ] || [ ! -f "/step/$1" ]; then
  echo "@@factory error=step-usage detail=entry.sh needs the name of a script in /step" >&2
  exit 64
fi

if [ -z "${HOME:-}" ] || [ ! -w "$HOME" ]; then
  # Always the same: nothing in a build shall depend on a name that was drawn.
  HOME=/tmp/home
  [ -d $HOME ] || mkdir -m 700 $HOME
  export HOME
fi
cd "$HOME"

# As process 1 of a container we have to pass on a stop ourselves. (kill -1 would hit a whole machine, so only as process 1.)
if [ $$ -eq 1 ]; then
  trap 'kill -TERM -1 2>/dev/null || true; exit 143' TERM
  trap 'kill -TERM -1 2>/dev/null || true; exit 130' INT
fi

code=0
/bin/bash "/step/$1" <&0 &
wait $! || code=$?
[ $code -eq 0 ] || exit $code

cd /out
odd=$(find . -mindepth 1 ! -type f ! -type d -print -o -name '*
*' -print)
if [ -n "$odd" ]; then
  echo "@@factory error=step-output detail=not a regular file, or a line break in its name: ${odd//$'\n'/ }" >&2
  exit 65
fi
rm -f .receipt .receipt.part
count=0
while IFS= read -r path; do
  digest=$(sha256sum <"$path")
  printf '%s  %s  %s\n' "${digest%% *}" "$(stat -c %s "$path")" "$path" >>.receipt.part
  count=$((count + 1))
done < <(find . -type f ! -name '.receipt*' -printf '%P\n' | sort)
printf 'end %s\n' "$count" >>.receipt.part
mv .receipt.part .receipt
