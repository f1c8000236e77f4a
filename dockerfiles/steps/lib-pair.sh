#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What verify-pair.sh reads in packages and modules; sourced by it.

# content_digest RPM: sha256 over header and payload. Signing a package changes only what stands before them: a lead of 96 bytes and
# the signature header (magic, number of index entries of 16 bytes each, size of the data), filled up to a multiple of 8.
content_digest() {
  local b start
  read -r -a b < <(od -A n -v -t u1 -w16 -j 96 -N 16 "$1")
  [ "${b[*]:0:4}" = '142 173 232 1' ] || die 10 package-unreadable "${1##*/} is not an RPM"
  start=$((112 + 16 * ((b[8] << 24) + (b[9] << 16) + (b[10] << 8) + b[11]) + (b[12] << 24) + (b[13] << 16) + (b[14] << 8) + b[15]))
  start=$(((start + 7) / 8 * 8))
  tail -c "+$((start + 1))" "$1" | sha256sum | cut -c 1-64
}

# by_value FILE: "value <TAB> path" per line, sorted by path; gives "value <TAB> count <TAB> first path" for every value.
by_value() {
  awk -F '\t' '!($1 in count) {first[$1] = $2} {count[$1]++} END {for (value in count) print value "\t" count[value] "\t" first[value]}' "$1" | sort
}

# module_facts SIDE ROOT: what all modules below ROOT say of themselves.
module_facts() {
  # shellcheck disable=SC2154 # work: of verify-pair.sh
  local side=$1 root=$2 list=$work/$1.list value count first path
  find "$root/lib/modules" -type f \( -name '*.ko' -o -name '*.ko.*' \) | sort >"$list"
  fact modules "$side" "$(wc -l <"$list")"
  echo "@@factory modules_$side=$(wc -l <"$list")"
  [ -s "$list" ] || return 0

  # modinfo begins each module with its name; of what is no module it says nothing on standard output.
  xargs -d '\n' modinfo <"$list" 2>"$list.errors" | awk -v root="$root" '
    function done() { if (path != "") print magic "\t" path }
    /^filename: / { done(); path = $0; sub(/^filename: */, "", path); path = substr(path, length(root) + 1); magic = ""; next }
    /^vermagic: / { magic = $2 }
    END { done() }' | sort -t "$(printf '\t')" -k 2 >"$list.magic" || true
  cat "$list.errors"
  while IFS=$'\t' read -r value count first; do fact vermagic "$side" "$value" "$count" "$first"; done < <(by_value "$list.magic" | sed 's/^\t/-\t/')
  while IFS= read -r path; do fact unread "$side" "$path"; done < <(
    sed "s#^$root##" "$list" | cut -f 1 | comm -23 - <(cut -f 2 "$list.magic" | sort)
  )

  if grep -q "^signature	$side\$" /in/ask.tsv; then
    signatures "$list" "$root" >"$list.signed"
    while IFS=$'\t' read -r value count first; do fact signature "$side" "$value" "$count" "$first"; done < <(by_value "$list.signed")
  fi
}

# signatures LIST ROOT: "note", "appended" or "none", and the path, for every module. RHEL 6 has an ELF note, later kernels a tail.
signatures() {
  local path first
  first=$(head -n 1 "$1")
  # One run for thousands of modules. It names files only when there are several, so that the first one comes twice.
  xargs -d '\n' readelf -W -S "$first" <"$1" 2>/dev/null |
    awk '/^File: / {path = substr($0, 7)} / \.note\.module\.sig / {print path}' | sort -u >"$1.noted" || true
  sed "s#^$2#note\t#" "$1.noted"
  comm -23 "$1" "$1.noted" | while IFS= read -r path; do
    if [ "$(tail -c 28 "$path" | tr -d '\0\n')" = '~Module signature appended~' ]; then
      printf 'appended'
    else
      printf 'none'
    fi
    printf '\t%s\n' "${path#"$2"}"
  done
}

# symbol_bytes MODULE SYMBOL: the bytes of a variable that has a value in the file, in decimal; nothing when it cannot be told.
symbol_bytes() {
  local found value size index offset kind
  found=$(readelf -W -s "$1" | awk -v name="$2" '$4 == "OBJECT" && $8 == name {print $2, $3, $7}')
  case $found in '' | *$'\n'*) return 0 ;; esac
  read -r value size index <<<"$found"
  read -r kind offset < <(readelf -W -S "$1" | sed 's/^ *\[ */[/' | awk -v at="[$index]" '$1 == at {print $3, $5}')
  if [ "${kind:-NOBITS}" != PROGBITS ]; then return 0; fi
  od -A n -v -t u1 -w4096 -j $((16#$offset + 16#$value)) -N "$size" "$1" | tr -s ' ' | sed 's/^ //; s/ $//'
}

# option_in_code MODULE compare|store FUNCTION,...: "number <TAB> function" wherever the functions (or what the compiler made of them:
# name.isra.0, name.part.1) compare something with a number from 128 to 255, or store such a number in front of an 8. Options below
# 128 belong to others; 8 is the length of the one with a client's address. One instruction may do both bytes: 0x8nn.
option_in_code() {
  objdump -d --no-show-raw-insn "$1" | awk -F '\t' -v how="$2" -v functions="$3" '
    function hex(text, i, sum) {
      for (i = 1; i <= length(text); i++) sum = sum * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
      return sum
    }
    function found(number) { if (number >= 128 && number <= 255) print number "\t" name }
    BEGIN { split(functions, list, ","); for (i in list) wanted[list[i]] = 1 }
    /^[0-9a-f]+ <.*>:$/ {
      name = $0; sub(/^[^<]*</, "", name); sub(/>:$/, "", name); sub(/\..*/, "", name)
      inside = name in wanted
      delete stored
      next
    }
    !inside { next }
    {
      split($2, word, " ")
      operands = $2; sub(/^[a-z0-9]+ */, "", operands); sub(/ *[#<].*/, "", operands)
      if (operands !~ /^\$0x[0-9a-f]+,/) next
      number = operands; sub(/^\$0x/, "", number); sub(/,.*/, "", number)
      if (length(number) > 8) next
      number = hex(number)
      to = operands; sub(/^[^,]*,/, "", to)
    }
    how == "compare" && word[1] ~ /^cmp[bwl]?$/ {
      if (word[1] == "cmpw" || to ~ /^%([abcd]x|[sd]i|[sb]p|r[0-9]+w)$/) { if (number >= 2048) found(number - 2048) }
      else found(number)
    }
    how == "store" && word[1] == "movw" { if (number >= 2048) found(number - 2048) }
    how == "store" && word[1] == "mov" && to ~ /^%/ { if (number >= 2176 && number <= 2303) found(number - 2048) }
    how == "store" && word[1] == "movb" {
      place = to; sub(/\(.*/, "", place)
      where = to; sub(/^[^(]*/, "", where)
      if (place ~ /^-/) next
      place = place == "" ? 0 : hex(substr(place, 3))
      stored[where, place] = number
      if (number == 8 && (where, place - 1) in stored) found(stored[where, place - 1])
      else if ((where, place + 1) in stored && stored[where, place + 1] == 8) found(number)
    }' | sort -u
}
