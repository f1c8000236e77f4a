#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# rollback: back to what was before the first apply. Needs the network only for packages that have to be brought back.

rollback() {
  if [ -z "$installed" ]; then
    echo "nothing to roll back"
    return
  fi
  logging=yes
  left=''
  unfinished=''
  say "rollback: $(installed_role)"
  settle
  journal rollback
  back_boot
  back_packages
  back_live
  back_files
  journal dirs
  sort -r -u "$state_dir/made-dirs" | while read -r dir; do rmdir "$root$dir" 2>/dev/null; done
  if [ -n "$unfinished" ]; then
    say "rollback: not complete, see above; run it again when that can be had"
    exit 3
  fi
  end_state
  if [ -n "$left" ]; then
    say "rollback: done, but for what is named above"
    exit 3
  fi
  say "rollback: done"
}

# back_boot: the old default first. What others changed in the meantime is marked, because the next step writes as well.
back_boot() {
  all_kept | grep '^/boot/' >"$work/boot-files"
  while read -r line; do
    ours "$line" || : >"$state_dir/kept/$(encoded "$line")/theirs"
  done <"$work/boot-files"
  journaled kernel | sort -u >"$work/kernels"
  while read -r old_release _; do boot_remove "$old_release"; done <"$work/kernels"
  while read -r line; do
    [ -f "$state_dir/kept/$(encoded "$line")/theirs" ] || put_back "$line"
  done <"$work/boot-files"
  [ -z "$root" ] || return 0
  while read -r old_release _; do
    if [ "$old_release" = "$(uname -r)" ]; then
      refuse 42 running "$old_release is running; the next start takes the old kernel again: reboot, then rollback once more"
    fi
  done <"$work/kernels"
}

# back_packages: of the packages that were touched those that were there, and no others.
back_packages() {
  journaled package | cut -d ' ' -f 1 | sort -u >"$work/touched"
  touched_of "$state_dir/packages-before" >"$work/then"
  compare_packages
  # What rpm writes beside settings of ours from here on is nobody's change; what it saves of somebody else's is.
  if [ ! -f "$state_dir/ours" ]; then
    while read -r line; do
      if ours "$line"; then echo "$line"; fi
    done <"$state_dir/config-paths" | awk '{had[$0] = 1; line[NR] = $0}
      END {for (i = 1; i <= NR; i++) {l = line[i]; if (sub(/\.rpmsave$/, "", l) && !(l in had)) continue; print line[i]}}' | store ours
  fi
  # What nothing takes the place of goes first: a kernel requires the firmware that came with it.
  awk 'NR == FNR {back[$1] = 1; next} !($1 in back) {print $2}' "$work/gone" "$work/ours" >"$work/out"
  back_transaction take-out -e <"$work/out"
  cut -d ' ' -f 2 "$work/gone" >"$work/wanted"
  obtain "$state_dir/rpms" <"$work/wanted" >"$work/lost"
  while read -r nevra; do
    warn "$nevra cannot be brought back: no repository of this host has it"
    unfinished=yes
  done <"$work/lost"
  grep -vxF -f "$work/lost" "$work/wanted" | sed "s#.*#$state_dir/rpms/&.rpm#" >"$work/out"
  back_transaction back -U --oldpackage --replacepkgs <"$work/out"
  compare_packages
  awk 'NR == FNR {back[$1] = 1; next} !($1 in back) {print $2}' "$work/gone" "$work/ours" >"$work/out"
  back_transaction take-out -e <"$work/out"
  while read -r line; do seal "$line"; done <"$state_dir/ours"
  # What depmod and dracut made for kernels that are gone.
  while read -r old_release _ old_initramfs; do
    grep "/lib/modules/$old_release\$" "$state_dir/made-dirs" | sort -u | while read -r dir; do
      [ ! -d "$root$dir" ] || rm -f "$root$dir"/modules.*
    done
    [ "$old_initramfs" = - ] || [ ! -f "$state_dir/kept/$(encoded "$old_initramfs")/path" ] || put_back "$old_initramfs"
  done <"$work/kernels"
}

touched_of() { awk 'NR == FNR {touched[$1] = 1; next} $1 in touched' "$work/touched" "$1" | sort; }
# compare_packages: $work/gone were there, $work/ours came; name and NEVRA each.
compare_packages() {
  all_packages >"$work/all-now"
  touched_of "$work/all-now" >"$work/now"
  comm -23 "$work/then" "$work/now" >"$work/gone"
  comm -13 "$work/then" "$work/now" >"$work/ours"
}

# back_transaction VERB ARGUMENTS: with the packages on standard input; what cannot be done is said and left for the next try.
back_transaction() {
  back_verb=$1
  shift
  cat >"$work/back"
  [ -s "$work/back" ] || return 0
  journal "$back_verb"
  while read -r back_package; do set -- "$@" "$back_package"; done <"$work/back"
  if ! rpm_ "$@" >"$work/rpm" 2>&1 </dev/null; then
    warn "rpm $1: $(grep -v -e '^warning: ' -e '^rpm: ' "$work/rpm" | head -n 3 | tr '\n' ' ')"
    unfinished=yes
  fi
  sed 's/^/  /' "$work/rpm" >>"$log_file"
}

# back_files: each as it was; of what others changed only our part goes, and where that is not to be told apart, all stays.
back_files() {
  journal files
  all_kept >"$work/all-kept"
  while read -r line; do
    if [ -f "$state_dir/kept/$(encoded "$line")/theirs" ]; then
      say "$line: our entry is taken out, what others changed in it stays"
    elif ours "$line"; then
      put_back "$line"
    else
      find "$state_dir/put" -name "$(encoded "$line").block.*" ! -name '*.new' -o -name "$(encoded "$line").key.*" ! -name '*.new' >"$work/parts"
      parts_left=''
      [ -s "$work/parts" ] || parts_left=yes
      while read -r part; do undo_part "$part" || parts_left=yes; done <"$work/parts"
      if [ -n "$parts_left" ]; then
        warn "$line was changed by somebody since it was applied: it stays as it is"
        left=yes
      else
        say "$line: what was applied is taken out, what others changed in it stays"
      fi
    fi
  done <"$work/all-kept"
}

# end_state: the memory goes at once, and then away.
end_state() {
  finish_end
  mv "$state_dir" "$parent/install.old"
  finish_end
}
# finish_end: also what an apply left that was killed at its very beginning, or a rollback at its very end.
finish_end() { rm -rf "$parent/install.new" "$parent/install.old"; }

