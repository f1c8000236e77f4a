#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How verify-pair.sh asks a compiler what a header says; sourced by it.

# kernel_header: the probes of the kernel, with the header in its package.
kernel_header() {
  local include dirs=() dir rest
  while IFS=$'\t' read -r include rest; do
    IFS=$'\t' read -r -a dirs <<<"$rest"
    probe_header kernel kernel "$include" "${dirs[@]/#/$work/headers/}"
  done < <(asked header kernel)
}

# tool_headers: the probes of the tools, with each of their headers, in their sources as the source package prepares them.
tool_headers() {
  local srpm top=$work/tools name include rest dirs dir found
  srpm=$(only_file /in/srpm '*.src.rpm')
  mkdir -p "$top"/{BUILD,SOURCES,SPECS}
  (cd "$top/SOURCES" && rpm2cpio "$srpm" | cpio -idm --quiet --no-absolute-filenames) ||
    die 10 package-unreadable "${srpm##*/} cannot be unpacked"
  mv "$top"/SOURCES/*.spec "$top/SPECS/" 2>/dev/null || die 10 package-unreadable "${srpm##*/} holds no spec"
  # The headers that the tools are compiled with are those after all patches, so %prep has to run.
  rpmbuild -bp --nodeps --define "_topdir $top" --define "_builddir $top/BUILD" --define "_buildshell /bin/bash" \
    --define "deps_root $work/headers" "$top"/SPECS/*.spec >"$top/log" 2>&1 </dev/null || {
    cat "$top/log"
    die 11 prep-failed "rpmbuild -bp of ${srpm##*/}: $(grep -E '^@@factory error=|^error:' "$top/log" | sed 's/^@@factory error=//' | head -n 1)"
  }
  while IFS=$'\t' read -r name include rest; do
    dirs=()
    while IFS= read -r dir; do
      found=()
      # shellcheck disable=SC2206 # a glob on purpose
      found=("$top"/BUILD/$dir)
      dirs+=("${found[@]}")
    done < <(tr '\t' '\n' <<<"$rest")
    probe_header "$name" tools "$include" "${dirs[@]}"
  done < <(awk -F '\t' '$1 == "header" && $2 != "kernel" {sub(/^[^\t]*\t/, ""); print}' /in/ask.tsv)
}

# probe_header NAME kernel|tools INCLUDE DIR...: the value of every probe of that kind, in a program that includes the header.
probe_header() {
  local name=$1 kind=$2 include=$3 dir flags=() there='' id expression source
  shift 3
  for dir in "$@"; do
    flags+=(-I "$dir")
    # Not the builder's own, should the package have none.
    if [ -f "$dir/$include" ]; then there=yes; fi
  done
  [ -n "$there" ] || die 12 header-missing "$name: there is no $include in ${*//$work\//}"
  source=$work/probe.$name
  # The first question is whether the header can be used at all.
  printf '#include "%s"\n' "$include" | gcc -std=gnu11 -w "${flags[@]}" -x c -fsyntax-only - 2>"$work/errors" ||
    die 13 header-unusable "$name: $(grep -m 1 'error:' "$work/errors" | sed "s#$work/##g")"
  asked probe "$kind" >"$source.probes"
  if ! compile_probes "$include" "$source" "${flags[@]}"; then
    # The header lacks something: leave that out.
    while IFS=$'\t' read -r id expression; do
      printf '%s\t%s\n' "$id" "$expression" >"$source.one.probes"
      if compile_probes "$include" "$source.one" "${flags[@]}"; then cat "$source.one.probes"; fi
    done <"$source.probes" >"$source.some"
    mv "$source.some" "$source.probes"
    compile_probes "$include" "$source" "${flags[@]}" || die 13 header-unusable "$name: $(grep -m 1 'error:' "$work/errors" | sed "s#$work/##g")"
  fi
  while IFS=$'\t' read -r id value; do fact probe "$name" "$id" "$value"; done < <("$source.program")
}

# compile_probes INCLUDE NAME FLAG...: makes NAME.program of the questions in NAME.probes; it prints their ids and values.
compile_probes() {
  local include=$1 name=$2
  shift 2
  {
    printf '#include <stddef.h>\n#include <stdio.h>\n#include "%s"\nint main(void) {\n' "$include"
    awk -F '\t' '{printf "  printf(\"%%s\\t%%lld\\n\", \"%s\", (long long)(%s));\n", $1, $2}' "$name.probes"
    printf '  return 0;\n}\n'
  } >"$name.c"
  gcc -std=gnu11 -w "$@" -o "$name.program" "$name.c" 2>"$work/errors"
}
