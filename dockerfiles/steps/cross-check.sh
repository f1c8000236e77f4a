#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Compares two ways to the same sources: those of a source package with patches applied, and a tree that comes ready-made.
#
# Settings  SOURCE0      name of the archive in the source package
#           SOURCE0_TOP  its folder
#           TREE_TOP     the folder of the ready-made tree
#           DROP         optional paths below both folders that do not count, separated by spaces
#           UNPACK_*     limits of what may be in the archives, see lib-archive.sh
# Inputs    /in/srpm/<one>.src.rpm  /in/tree/<one archive>  /in/patch/*.patch (none or more; applied in the order of their names)
# Outputs   /out/cross-check.json  {"schema":1,"same":n,"differ":[paths],"modes":[those of differ where only the permission to
#           execute differs],"onlyPatched":[paths],"onlyTree":[paths],"patches":[{"name","hunks","fuzz","offset"}]}; the numbers of
#           a patch are hunks: all, those that needed fuzz, those found at another line
# Facts     phase=unpack|patch|compare, patch=, same=, differ=, only_patched=, only_tree=
# Exit      0 also with differences; 10 tree-missing, 12 archive-unreadable, 13 patch-rejected, 14 srpm-file-missing,
#           20 archive-refused, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh
# shellcheck source=dockerfiles/steps/lib-archive.sh
. /step/lib-archive.sh
# shellcheck source=dockerfiles/steps/lib-tree.sh
. /step/lib-tree.sh
# shellcheck source=dockerfiles/steps/lib-patch.sh
. /step/lib-patch.sh

plain_name SOURCE0 "${SOURCE0:-}"
plain_name SOURCE0_TOP "${SOURCE0_TOP:-}"
plain_name TREE_TOP "${TREE_TOP:-}"
srpm=$(only_file /in/srpm '*.src.rpm')
archive=$(only_file /in/tree '*')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "@@factory phase=unpack"
mkdir "$work/srpm"
unpack_srpm "$srpm" "$work/srpm" "$SOURCE0" "./$SOURCE0"
# shellcheck disable=SC2154 # set by unpack_srpm
[ -f "$work/srpm/$SOURCE0" ] || die 14 srpm-file-missing "$SOURCE0 is not in ${srpm##*/}; there is: $(sort "$srpm_list" | some)"
unpack_tree "$work/srpm/$SOURCE0" "$SOURCE0_TOP" "$work/a"
unpack_tree "$archive" "$TREE_TOP" "$work/b"
patched=$work/a/$SOURCE0_TOP
ready=$work/b/$TREE_TOP
drop_paths "$patched" "${DROP:-}" >/dev/null
drop_paths "$ready" "${DROP:-}" >/dev/null

echo "@@factory phase=patch"
touch "$work/marker"
for patch in /in/patch/*.patch; do
  [ -e "$patch" ] || continue
  echo "@@factory patch=${patch##*/}"
  code=0
  (cd "$patched" && patch -p1 -F0 -f --verbose --no-backup-if-mismatch) <"$patch" >"$work/log" 2>&1 || code=$?
  cat "$work/log"
  if [ $code -ne 0 ]; then
    report_rejects "$patch" "$patched" "$work/marker"
    # shellcheck disable=SC2154 # set by report_rejects
    die 13 patch-rejected "${patch##*/} does not apply to $SOURCE0${rejected_advice:+; $rejected_advice}"
  fi
  awk -v name="${patch##*/}" '
    /^Hunk #[0-9]+ succeeded/ { hunks++; if (/ with fuzz /) fuzz++; if (/\(offset /) offset++ }
    END { printf "{\"name\":\"%s\",\"hunks\":%d,\"fuzz\":%d,\"offset\":%d}\n", name, hunks, fuzz, offset }' "$work/log" >>"$work/patches"
done
touch "$work/patches"

echo "@@factory phase=compare"
# manifest TREE: a line "path <TAB> content <TAB> x or -" for every file and link, by path.
manifest() {
  cd "$1"
  find . -type l -printf '%P\tlink %l\t-\n' >"$work/links"
  find . -type f -printf '%P\0' | xargs -0 -r sha256sum -- | sed -E 's/^([0-9a-f]{64})  (.*)$/\2\t\1/' | sort >"$work/sums"
  find . -type f \( -perm /111 -printf '%P\tx\n' -o -printf '%P\t-\n' \) | sort >"$work/bits"
  # By tabs, which no path can hold (unpack_tree saw to that); both are sorted the same way.
  paste "$work/sums" "$work/bits" | cut -f 1,2,4 | cat - "$work/links" | sort
}
manifest "$patched" >"$work/a.list"
manifest "$ready" >"$work/b.list"
awk -F '\t' -v out="$work" '
  FNR == NR { content[$1] = $2; bit[$1] = $3; next }
  !($1 in content) { print $1 >(out "/onlyTree"); next }
  {
    if (content[$1] != $2) print $1 >(out "/differ")
    else if (bit[$1] != $3) { print $1 >(out "/differ"); print $1 >(out "/modes") }
    else same++
    delete content[$1]
  }
  END { for (path in content) print path >(out "/onlyPatched"); print same + 0 >(out "/same") }' "$work/a.list" "$work/b.list"

# list NAME: the paths in a file as an array of JSON.
list() {
  touch "$work/$1"
  printf '"%s":[%s]' "$1" "$(sort "$work/$1" | sed -E 's/[\\"]/\\&/g; s/.*/"&"/' | paste -s -d , -)"
}
{
  printf '{"schema":1,"same":%s,%s,%s,%s,%s,"patches":[%s]}\n' "$(cat "$work/same")" "$(list differ)" "$(list modes)" \
    "$(list onlyPatched)" "$(list onlyTree)" "$(paste -s -d , "$work/patches")"
} >/out/cross-check.json
echo "@@factory same=$(cat "$work/same")"
for pair in differ:differ onlyPatched:only_patched onlyTree:only_tree; do
  touch "$work/${pair%:*}"
  echo "@@factory ${pair#*:}=$(wc -l <"$work/${pair%:*}")"
done
