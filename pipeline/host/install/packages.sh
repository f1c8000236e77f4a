#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# Packages: which are there, which are to come, and whether they are what the manifest says.

rpm_() { rpm ${root:+--root "$root"} "$@"; }
NEVRA='%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}'

all_packages() { rpm_ -qa --qf "%{NAME} $NEVRA\n" | grep -v '^gpg-pubkey ' | LC_ALL=C sort; }
nevra_of() { rpm -qp --qf "$NEVRA" "$1" 2>/dev/null; }
# has_package NEVRA or NAME
has_package() { rpm_ -q "$1" >/dev/null 2>&1; }
# versions_of NAME: one NEVRA per line.
versions_of() {
  versions=$(rpm_ -q --qf "$NEVRA\n" "$1" 2>/dev/null) || return 0
  echo "$versions"
}

# compare_versions A B: -1, 0 or 1, as rpm orders versions; epoch:version-release each.
compare_versions() {
  awk -v a="$1" -v b="$2" '
    function first(s) {
      if (match(s, /^[0-9]+/)) return RLENGTH
      if (match(s, /^[A-Za-z]+/)) return RLENGTH
      return 0
    }
    function number(s) {sub(/^0+/, "", s); return s}
    # rpmvercmp of rpm 4.18; ~ and ^ are not known to that of CentOS 6, and occur in no version there.
    function compare(x, y,   i, j, p, q, isnum) {
      while (x != "" || y != "") {
        sub(/^[^A-Za-z0-9~^]+/, "", x)
        sub(/^[^A-Za-z0-9~^]+/, "", y)
        p = substr(x, 1, 1)
        q = substr(y, 1, 1)
        if (p == "~" || q == "~") {
          if (p != "~") return 1
          if (q != "~") return -1
          x = substr(x, 2); y = substr(y, 2); continue
        }
        if (p == "^" || q == "^") {
          if (x == "") return -1
          if (y == "") return 1
          if (p != "^") return 1
          if (q != "^") return -1
          x = substr(x, 2); y = substr(y, 2); continue
        }
        if (x == "" || y == "") break
        isnum = x ~ /^[0-9]/
        if (isnum != (y ~ /^[0-9]/)) return isnum ? 1 : -1
        i = first(x); j = first(y)
        p = substr(x, 1, i); q = substr(y, 1, j)
        if (isnum) {
          p = number(p); q = number(q)
          if (length(p) != length(q)) return length(p) < length(q) ? -1 : 1
        }
        if ((p "") != (q "")) return (p "") < (q "") ? -1 : 1
        x = substr(x, i + 1); y = substr(y, j + 1)
      }
      if (x == "" && y == "") return 0
      return x == "" ? -1 : 1
    }
    function epoch(s) {return index(s, ":") ? substr(s, 1, index(s, ":") - 1) + 0 : 0}
    function rest(s) {return index(s, ":") ? substr(s, index(s, ":") + 1) : s}
    BEGIN {
      if (epoch(a) != epoch(b)) {print epoch(a) < epoch(b) ? -1 : 1; exit}
      a = rest(a); b = rest(b)
      match(a, /-[^-]*$/); va = substr(a, 1, RSTART - 1); ra = substr(a, RSTART + 1)
      match(b, /-[^-]*$/); vb = substr(b, 1, RSTART - 1); rb = substr(b, RSTART + 1)
      c = compare(va, vb)
      print c ? c : compare(ra, rb)
    }'
}

# newer_there NAME NEVRA EPOCH: the host has that version or a newer one.
newer_there() {
  wanted_evr=${2#"$1"-}
  for present_evr in $(rpm_ -q --qf '%|EPOCH?{%{EPOCH}}:{0}|:%{VERSION}-%{RELEASE} ' "$1" 2>/dev/null | grep -v 'not installed'); do
    [ "$(compare_versions "$present_evr" "${3:-0}:${wanted_evr%.*}")" -lt 0 ] || return 0
  done
  return 1
}

# todo_packages: into $work/todo: what to do (add, replace, remove), name, nevra, file, sha256, size, key, how, what is there.
todo_packages() {
  : >"$work/todo"
  rows packages name nevra epoch file sha256 size key how >"$work/package-rows"
  while IFS=$us read -r name nevra epoch file sum size key how _; do
    there=$(versions_of "$name" | paste -s -d ' ' -)
    what=add
    case $how in
      beside) ! has_package "$nevra" || continue ;;
      at-least) ! newer_there "$name" "$nevra" "$epoch" || continue ;;
      exact) [ "$there" != "$nevra" ] || continue ;;
    esac
    if [ "$how" = beside ]; then there=''; fi
    [ -z "$there" ] || what=replace
    printf '%s\037' "$what" "$name" "$nevra" "$file" "$sum" "$size" "$key" "$how" "$there" >>"$work/todo"
    echo >>"$work/todo"
  done <"$work/package-rows"
  todo_removals
}

# todo_removals: what can go without taking anything with it.
todo_removals() {
  : >"$work/removals"
  : >"$work/stay"
  rows remove name >"$work/remove-rows"
  while IFS=$us read -r name _; do
    case " $kept_names " in *" $name "*) continue ;; esac
    has_package "$name" || continue
    echo "$name" >>"$work/removals"
  done <"$work/remove-rows"
  [ -s "$work/removals" ] || return 0
  # shellcheck disable=SC2046 # names
  if ! rpm_ -e --test $(cat "$work/removals") >"$work/rpm" 2>&1; then
    mv "$work/removals" "$work/maybe"
    : >"$work/removals"
    while read -r name; do
      if rpm_ -e --test "$name" >"$work/rpm" 2>&1; then
        echo "$name" >>"$work/removals"
      else
        echo "$name stays: $(sed -n 's/^[ \t]*\(.* is needed by .*\)/\1/p' "$work/rpm" | head -n 1); --keep $name if that is so wanted" >>"$work/stay"
      fi
    done <"$work/maybe"
  fi
  while read -r name; do
    printf '%s\037' remove "$name" '' '' '' '' '' '' "$(versions_of "$name" | paste -s -d ' ' -)" >>"$work/todo"
    echo >>"$work/todo"
  done <"$work/removals"
}

# take_packages DIR: those to come, into this directory; one that is there already and right is not fetched again.
take_packages() {
  mkdir -p "$1"
  make_private_rpmdb
  while IFS=$us read -r what name nevra file sum size key how there _; do
    [ "$what" != remove ] || continue
    got=$1/${file##*/}
    for have in "$got" "$state_dir/cache/${file##*/}"; do
      [ -f "$have" ] || continue
      have_sum=$(sha256sum <"$have")
      if [ "${have_sum%% *}" = "$sum" ]; then
        got=$have
        break
      fi
    done
    have_sum=''
    [ ! -f "$got" ] || have_sum=$(sha256sum <"$got")
    [ "${have_sum%% *}" = "$sum" ] || take_file "$file" "$sum" "$size" "$got"
    check_package "$got" "$nevra" "$key"
    echo "$got" >"$work/file-of.$nevra"
  done <"$work/todo"
}

# make_private_rpmdb: rpm judges signatures by the keys in its database, so one with only the keys that count here.
make_private_rpmdb() {
  rm -rf "$work/rpmdb"
  mkdir "$work/rpmdb"
  rpm --dbpath "$work/rpmdb" --initdb || refuse 44 failed "rpm makes no database in $work"
  if command -v rpmkeys >/dev/null 2>&1; then rpmkeys=rpmkeys; else rpmkeys=rpm; fi
  # One by one: rpm takes only the first key of a file.
  rows packages key | tr -d "$us" | sort -u >"$work/package-keys"
  while read -r key; do
    key_counts "$key" || refuse 35 package "packages are to be signed by $key, which is no key that counts here"
    quiet_gpg --armor --export "$key" >"$work/rpm-key"
    $rpmkeys --dbpath "$work/rpmdb" --import "$work/rpm-key" || refuse 36 key "rpm takes no key $key"
  done <"$work/package-keys"
}

# key_counts FINGERPRINT: it is one of those given.
key_counts() {
  has_key "$1" || return 1
  case "${fingerprints:- $1} " in *" $1 "*) ;; *) return 1 ;; esac
}

# check_package FILE NEVRA KEY: signed by that key, all of it. Of a package that is not signed rpm says OK too: it demands nothing.
check_package() {
  if ! $rpmkeys --dbpath "$work/rpmdb" -Kv "$1" >"$work/rpm-says" 2>&1 || grep -qE 'BAD|NOT OK|NOKEY|NOTTRUSTED' "$work/rpm-says"; then
    refuse 35 package "${1##*/} is damaged, or not signed by $3: look at the mirror"
  fi
  # Key ids are eight or sixteen digits, by the age of rpm.
  short=$(printf '%s' "$3" | tr A-F a-f | tail -c 8)
  grep -iE "^ *(Header )?V[34] .*signature, key ID ([0-9a-f]{8})?$short: OK\$" "$work/rpm-says" >/dev/null ||
    refuse 35 package "${1##*/} is not signed by $3: look at the mirror"
  [ "$(rpm --dbpath "$work/rpmdb" -qp --qf "$NEVRA" "$1" 2>/dev/null)" = "$2" ] || refuse 35 package "${1##*/} is not $2"
}

