#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# The install manifest: JSON in the one form that the factory writes it in (two blanks per level, one value per line), so that awk
# of CentOS 6 reads it strictly. Anything else in it, and none of it counts.

# parse_manifest FILE: lines "path TAB value"; null is empty.
parse_manifest() {
  awk '
    function bad(why) {print "line " NR ": " why > "/dev/stderr"; failed = 1; exit 1}
    function text(s,   out, c, i) {
      # Without its quotes; only these two escapes are ever written.
      s = substr(s, 2, length(s) - 2)
      out = ""
      for (i = 1; i <= length(s); i++) {
        c = substr(s, i, 1)
        if (c == "\\") {
          i++
          c = substr(s, i, 1)
          if (c != "\\" && c != "\"") bad("an escape that is not known")
        } else if (c == "\"") bad("a quote inside a text")
        out = out c
      }
      return out
    }
    function leaf(path, v) {
      if (v ~ /^".*"$/ && length(v) > 1) v = text(v)
      else if (v == "null" || v == "[]" || v == "{}") {if (v != "null") return; v = ""}
      else if (v !~ /^(true|false|-?[0-9]+)$/) bad("no value")
      if (path in known) bad("a name twice")
      known[path] = 1
      print path "\t" v
    }
    BEGIN {depth = 0; done = 0}
    {
      if (done) bad("something after the end")
      if ($0 ~ /[\001-\037\177]/) bad("a control character")
      match($0, /^ */)
      indent = RLENGTH
      line = substr($0, indent + 1)
      if (NR == 1) {if ($0 != "{") bad("no object"); depth = 1; kind[1] = "o"; prefix[1] = ""; count[1] = 0; comma[1] = 1; next}
      if (line ~ /^[]}],?$/) {
        if (indent != 2 * (depth - 1) || comma[depth]) bad("not closed where it should be")
        if (substr(line, 1, 1) != (kind[depth] == "o" ? "}" : "]")) bad("closed by the wrong bracket")
        depth--
        if (depth == 0) {if (line != "}") bad("a comma at the end"); done = 1; next}
        comma[depth] = line ~ /,$/
        next
      }
      if (indent != 2 * depth || !comma[depth]) bad("not indented as it should be, or no comma before it")
      if (kind[depth] == "o") {
        if (!match(line, /^"[A-Za-z][A-Za-z0-9]*": /)) bad("no name")
        path = prefix[depth] substr(line, 2, RLENGTH - 4)
        line = substr(line, RLENGTH + 1)
      } else path = prefix[depth] count[depth]++
      if (line == "{" || line == "[") {
        depth++
        kind[depth] = line == "{" ? "o" : "a"
        prefix[depth] = path "."
        count[depth] = 0
        comma[depth] = 1
        next
      }
      comma[depth] = line ~ /,$/
      if (comma[depth]) line = substr(line, 1, length(line) - 1)
      leaf(path, line)
    }
    END {if (!failed && !done) {print "it ends too early" > "/dev/stderr"; exit 1}}' "$1"
}

# m PATH: its value.
m() { awk -F '\t' -v path="$1" '$1 == path {print substr($0, length(path) + 2)}' "$work/manifest"; }

# rows LIST NAME...: one line per member, its fields in this order, each followed by $us.
rows() {
  list=$1
  shift
  awk -F '\t' -v list="$list" -v names="$*" '
    # Without names: a list of plain values.
    BEGIN {n = split(names, name, " "); if (n == 0) {n = 1; name[1] = ""}; last = -1}
    index($1, list ".") == 1 {
      rest = substr($1, length(list) + 2)
      at = rest + 0
      sub(/^[0-9]+\.?/, "", rest)
      value[at, rest] = substr($0, length($1) + 2)
      if (at > last) last = at
    }
    END {for (i = 0; i <= last; i++) {line = ""; for (j = 1; j <= n; j++) line = line value[i, name[j]] "\037"; print line}}' "$work/manifest"
}

# read_manifest FILE NAME: into $work/manifest, and what is used of it everywhere.
read_manifest() {
  manifest_error=$(parse_manifest "$1" 2>&1 >"$work/manifest") ||
    refuse 34 manifest "$2 is none that this script can read ($manifest_error)"
  [ "$(m schema)" = 1 ] || refuse 34 manifest "the schema of $2 is $(m schema), and this script knows 1: fetch the install.sh of that snapshot"
  awk -F '\t' '
    function bad(why) {print $1 ": " why; exit}
    {v = substr($0, length($1) + 2)}
    $1 ~ /^packages\.[0-9]+\.(name|nevra)$/ || $1 ~ /\.(feature)$/ || $1 ~ /^(remove|modules|services)\.[0-9]+\.name$/ {if (v !~ /^[A-Za-z0-9][A-Za-z0-9._+~^@-]*$/) bad("no name")}
    $1 ~ /^packages\.[0-9]+\.file$/ {if (v !~ /^RPMS\/[A-Za-z0-9][A-Za-z0-9._+~^-]*\.rpm$/) bad("no path of a package")}
    $1 ~ /\.(source|devices\.file)$/ || $1 == "kernel.devices.file" {if (v !~ /^install\/[A-Za-z0-9][A-Za-z0-9._\/+-]*$/ || v ~ /\.\./) bad("no path below install/")}
    $1 ~ /\.sha256$/ {if (v !~ /^[0-9a-f]+$/ || length(v) != 64) bad("no digest")}
    $1 ~ /\.how$/ {if (v !~ /^(beside|exact|at-least)$/) bad("not known: " v)}
    $1 ~ /\.(path|settings\.[0-9]+\.file)$/ || $1 ~ /^kernel\.(image|initramfs)$/ && v != "" {if (v !~ /^\/[^ ]*$/ || v ~ /\/\.\.?(\/|$)/) bad("no path")}' "$work/manifest" >"$work/shape"
  [ ! -s "$work/shape" ] || refuse 34 manifest "$2: $(head -n 1 "$work/shape")"
  release=$(m kernel.release)
  image=$(m kernel.image)
  initramfs=$(m kernel.initramfs)
  arguments=$(rows kernel.arguments | tr '\n' ' ' | sed "s/$us//g; s/ *\$//")
  [ -n "$release" ] || refuse 34 manifest "$2 names no kernel"
}

