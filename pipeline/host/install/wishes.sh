#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# What files of the host have to be like, as wishes: kind, path, argument, mode, group, words. Kinds:
#   file   the whole file is that at the argument        key    a line ARGUMENT of the form KEY=value in a file of such lines
#   block  the file at NAME:FILE between marks in it     entry  a link to the argument, or with an empty one nothing there
# Wishes are compared, made and undone alike, each by itself, so that what others write elsewhere in a file stays.

wish() { printf '%s\037%s\037%s\037%s\037%s\037%s\037\n' "$@" >>"$work/wishes"; }

# with_block NAME BODY: standard input with the marked block being as the file BODY; an empty one takes it away.
with_block() {
  awk -v name="$1" -v body="$2" '
    function block(   line) {
      if (placed++) return
      first = 1
      while ((getline line < body) > 0) {
        if (first) print begin
        first = 0
        print line
      }
      if (!first) print end
    }
    BEGIN {begin = "# BEGIN fullnat-factory " name; end = "# END fullnat-factory " name}
    # What follows an exit at the end would not be run.
    {line[NR] = $0; if ($0 == begin) had = 1; if ($0 ~ /[^ \t]/) last = NR}
    END {
      leave = last && line[last] ~ /^exit([ \t]|$)/ && !had ? last : 0
      for (i = 1; i <= NR; i++) {
        if (line[i] == begin) {inside = 1; block(); continue}
        if (inside) {if (line[i] == end) inside = 0; continue}
        if (i == leave) block()
        print line[i]
      }
      block()
    }'
}

# with_key KEY=VALUE: standard input with that line instead of the last of this key, or at the end.
with_key() {
  awk -v want="$1" '
    BEGIN {key = substr(want, 1, index(want, "="))}
    {line[NR] = $0; if (index($0, key) == 1) at = NR}
    END {for (i = 1; i <= NR; i++) print i == at ? want : line[i]; if (!at) print want}'
}

# part_of KIND PATH ARGUMENT: the part of what is there that a wish is about, in one word.
part_of() {
  case $1 in
    file) whole "$2" ;;
    entry) whole "$2" ;;
    block)
      part_sum=$(awk -v name="${3%%:*}" '
        $0 == "# BEGIN fullnat-factory " name {on = 1}
        on {print}
        $0 == "# END fullnat-factory " name {on = 0}' "$root$2" 2>/dev/null | sha256sum)
      echo "block:${part_sum%% *}"
      ;;
    key)
      awk -v want="$3" 'BEGIN {key = substr(want, 1, index(want, "="))} index($0, key) == 1 {last = $0} END {print "key:" last}' "$root$2" 2>/dev/null ||
        echo key:
      ;;
  esac
}

# wished KIND PATH ARGUMENT MODE: what part_of says when it is as wished.
wished() {
  case $1 in
    file)
      wished_sum=$(sha256sum <"$3")
      echo "file:${wished_sum%% *}:$4"
      ;;
    entry) echo "${3:+link:$3}" | sed 's/^$/absent/' ;;
    block)
      wished_sum=$(: | with_block "${3%%:*}" "${3#*:}" | sha256sum)
      echo "block:${wished_sum%% *}"
      ;;
    key) echo "key:$3" ;;
  esac
}

# record KIND PATH ARGUMENT: file name in which what we did is written down: "will X" before, "is X" after.
record() {
  case $1 in
    block) echo "put/$(encoded "$2").block.${3%%:*}" ;;
    key) echo "put/$(encoded "$2").key.${3%%=*}" ;;
    *) echo "put/$(encoded "$2").$1" ;;
  esac
}

# state_of KIND PATH ARGUMENT MODE: same, differs, or theirs: somebody changed what we had put there.
state_of() {
  state_now=$(part_of "$1" "$2" "$3")
  state_record=$state_dir/$(record "$1" "$2" "$3")
  if [ "$state_now" = "$(wished "$@")" ]; then
    echo same
  elif [ -s "$state_record" ] && state_last=$(tail -n 1 "$state_record") && [ "${state_last%% *}" = is ] && [ "${state_last#is }" != "$state_now" ]; then
    echo theirs
  else
    echo differs
  fi
}

present() { [ ! -f "$root$1" ] || cat "$root$1"; }

# do_wish KIND PATH ARGUMENT MODE
do_wish() {
  wish_record=$state_dir/$(record "$1" "$2" "$3")
  if [ ! -s "$wish_record" ]; then
    printf '%s\n' "$1" "$2" "$3" "was $(part_of "$1" "$2" "$3")" >"$wish_record.new"
    flush "$wish_record.new"
    mv "$wish_record.new" "$wish_record"
  fi
  echo "will $(wished "$@")" >>"$wish_record"
  journal put "$1" "$2"
  wish_mode=$(stat -c %a "$root$2" 2>/dev/null) || wish_mode=$4
  case $1 in
    file) put_file "$2" "$4" <"$3" ;;
    entry) put_entry "$2" "$3" ;;
    block)
      present "$2" | with_block "${3%%:*}" "${3#*:}" >"$work/made"
      put_file "$2" "$wish_mode" <"$work/made"
      ;;
    key)
      present "$2" | with_key "$3" >"$work/made"
      put_file "$2" "$wish_mode" <"$work/made"
      ;;
  esac
  echo "is $(wished "$@")" >>"$wish_record"
  flush "$wish_record"
}

# undo_part RECORD: takes only our part out of a file that others changed elsewhere. Fails when our part itself was changed.
undo_part() {
  undo_kind=$(sed -n 1p "$1")
  undo_path=$(sed -n 2p "$1")
  undo_argument=$(sed -n 3p "$1")
  undo_was=$(sed -n 's/^was //p' "$1")
  undo_now=$(part_of "$undo_kind" "$undo_path" "$undo_argument")
  [ "$undo_now" != "$undo_was" ] || return 0
  sed -n 's/^will //p' "$1" | grep -qxF -e "$undo_now" || return 1
  case $undo_kind in
    block) with_block "${undo_argument%%:*}" /dev/null <"$root$undo_path" >"$work/made" ;;
    key)
      if [ "$undo_was" = key: ]; then
        awk -v key="${undo_argument%%=*}=" 'index($0, key) != 1' "$root$undo_path" >"$work/made"
      else
        with_key "${undo_was#key:}" <"$root$undo_path" >"$work/made"
      fi
      ;;
    *) return 1 ;;
  esac
  put_file "$undo_path" "$(stat -c %a "$root$undo_path")" <"$work/made"
}

