#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Reads in built packages what director, backend and tools must agree on. It compares nothing: what it finds is judged outside.
#
# Inputs    /in/director/<one>.rpm  /in/backend/<one>.rpm  the packages `kernel`
#           /in/headers/<one>.rpm   the director's package with the kernel's header
#           /in/tools/*.rpm  /in/srpm/<one>.src.rpm  the tools and their source package
#           /in/ask.tsv             what to look for; fields between tabs; SIDE is director or backend:
#             modinfo SIDE MODULE FIELD            code SIDE MODULE compare|store FUNCTION,...
#             bytes SIDE MODULE SYMBOL             config SIDE CONFIG_X
#             signature SIDE                       header kernel|NAME INCLUDE DIR...
#             probe kernel|tools ID EXPRESSION
# Outputs   /out/facts.tsv  what was found; what cannot be read has no line:
#             rpm SIDE|tools NEVRA SHA256          digest over header and payload, without the signature
#             release SIDE FOLDER                  of /lib/modules
#             modules SIDE COUNT                   vermagic SIDE RELEASE COUNT FIRST
#             unread SIDE MODULE                   neither modinfo nor readelf can make anything of it
#             signature SIDE note|appended|none COUNT FIRST
#             modinfo SIDE MODULE FIELD VALUE      code SIDE MODULE NUMBER FUNCTION
#             bytes SIDE MODULE SYMBOL "1 2 3"     config SIDE CONFIG_X VALUE (n: not set)
#             probe kernel|NAME ID NUMBER
# Facts     phase=unpack|modules|headers, modules_director=, modules_backend=
# Exit      10 package-unreadable, 11 prep-failed, 12 header-missing, 13 header-unusable, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh
# shellcheck source=dockerfiles/steps/lib-pair.sh
. /step/lib-pair.sh
# shellcheck source=dockerfiles/steps/lib-pair-headers.sh
. /step/lib-pair-headers.sh

[ -f /in/ask.tsv ] || die 64 step-usage "/in/ask.tsv does not exist"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >/out/facts.tsv

# fact FIELD...: one line of /out/facts.tsv.
fact() {
  local IFS=$'\t' field
  for field in "$@"; do
    case $field in *[$'\t\n']*) die 64 step-usage "a tab or a line break in: $field" ;; esac
  done
  printf '%s\n' "$*" >>/out/facts.tsv
}

# asked KIND FIRST: the rest of every line of /in/ask.tsv that begins so.
asked() {
  awk -F '\t' -v kind="$1" -v first="$2" '$1 == kind && $2 == first {sub(/^[^\t]*\t[^\t]*\t?/, ""); print}' /in/ask.tsv
}

# unpack RPM DIRECTORY
unpack() {
  mkdir -p "$2"
  (cd "$2" && rpm2cpio "$1" | cpio -idm --quiet --no-absolute-filenames) || die 10 package-unreadable "${1##*/} cannot be unpacked"
}

# the_module SIDE NAME: its path, when there is exactly one.
the_module() {
  local found
  found=$(find "$work/$1/lib/modules" -type f -name "$2.ko")
  case $found in '' | *$'\n'*) return 1 ;; esac
  printf '%s\n' "$found"
}

echo "@@factory phase=unpack"
for side in director backend; do
  rpm=$(only_file "/in/$side" '*.rpm')
  unpack "$rpm" "$work/$side"
  fact rpm "$side" "$(basename "$rpm" .rpm)" "$(content_digest "$rpm")"
done
for rpm in /in/tools/*.rpm; do
  [ -e "$rpm" ] || die 64 step-usage "/in/tools holds no package"
  fact rpm tools "$(basename "$rpm" .rpm)" "$(content_digest "$rpm")"
done
unpack "$(only_file /in/headers '*.rpm')" "$work/headers"

echo "@@factory phase=modules"
for side in director backend; do
  root=$work/$side
  mkdir -p "$root/lib/modules"
  while IFS= read -r folder; do fact release "$side" "$folder"; done < <(find "$root/lib/modules" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)
  module_facts "$side" "$root"

  while IFS=$'\t' read -r module field; do
    path=$(the_module "$side" "$module") || continue
    while IFS= read -r value; do fact modinfo "$side" "$module" "$field" "$value"; done < <(modinfo -F "$field" "$path" || true)
  done < <(asked modinfo "$side")
  while IFS=$'\t' read -r module how functions; do
    path=$(the_module "$side" "$module") || continue
    while IFS=$'\t' read -r number function; do fact code "$side" "$module" "$number" "$function"; done < <(option_in_code "$path" "$how" "$functions")
  done < <(asked code "$side")
  while IFS=$'\t' read -r module symbol; do
    path=$(the_module "$side" "$module") || continue
    bytes=$(symbol_bytes "$path" "$symbol")
    [ -z "$bytes" ] || fact bytes "$side" "$module" "$symbol" "$bytes"
  done < <(asked bytes "$side" | sort -u)

  configs=("$root"/boot/config-*)
  if [ ${#configs[@]} -eq 1 ] && [ -f "${configs[0]}" ]; then
    while IFS= read -r symbol; do
      value=$(sed -n "s/^$symbol=//p" "${configs[0]}" | tail -n 1)
      fact config "$side" "$symbol" "${value:-n}"
    done < <(asked config "$side")
  fi
done

echo "@@factory phase=headers"
kernel_header
tool_headers
