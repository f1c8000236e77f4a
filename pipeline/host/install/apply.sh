#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# apply: step by step, in an order in which this host can be started at any moment.

apply() {
  # Before the first apply there is no place of our own for packages yet.
  prepare "$work/packages"
  if [ ! -s "$work/plan" ] && [ -n "$installed" ] && ! interrupted; then
    note_snapshot
    cat "$work/warnings"
    say "no change: $role of $recipe at $snapshot"
    return
  fi
  logging=yes
  make_state
  settle
  [ "$(last_step begin applied rollback)" != rollback ] || reopen
  say "apply: $role of $recipe at $snapshot (serial $serial), signed by $by"
  journal begin "$role $recipe $snapshot $serial"
  store_options
  store manifest.json <"$work/manifest.json"
  store devices <"$work/devices"
  [ ! -f "$work/install.sh" ] || store install.sh <"$work/install.sh"
  bring_requirements
  check_replacing
  keep_for_packages
  do_wishes settings
  install_files install-other -U at-least
  journal kernel "$release $image ${initramfs:--}"
  install_files install-kernel -i beside
  [ -s "$root$image" ] || refuse 44 failed "$root$image is not there after its package was installed"
  [ -z "$initramfs" ] || [ -s "$root$initramfs" ] || refuse 44 failed "$root$initramfs was not made: is dracut installed?"
  journal boot-add "$release"
  boot_add "$release" "$image" "${initramfs:--}" "$arguments"
  install_files install-exact -U exact
  do_wishes modules sysctl offloads services files
  apply_live
  remove_packages
  for put_record in $(unwished); do undo_record "$put_record"; done
  remember_seen
  arm
  journal applied "$snapshot $serial $(pair_or_none)"
  sed 's/^/done: /' "$work/plan"
  while read -r line; do say "$line"; done <"$work/warnings"
  say_accepted
  finish_words
}

# settle: what a run that was killed left open.
settle() {
  case $(last_step along-begin along-done) in along-begin) note_along ;; esac
  case $(last_step install-other install-kernel install-exact remove finished) in
    '' | finished) ;;
    *)
      seal_packages
      journal finished
      ;;
  esac
}

# reopen: after a rollback that did not come to its end, what it put back is no change by somebody else.
reopen() {
  rm -f "$state_dir"/kept/*/theirs "$state_dir/ours"
  for put_record in "$state_dir"/put/*; do
    [ -f "$put_record" ] || continue
    reopened=$(tail -n 1 "$put_record")
    echo "will ${reopened#* }" >>"$put_record"
  done
}

# remember_seen: what check-repository.sh goes by, written like every file, so that a rollback knows it as ours.
remember_seen() {
  seen_line >"$work/seen"
  put_file "${state#"$root"}" 644 <"$work/seen"
}

# note_snapshot: another snapshot that asks for the same is taken note of.
note_snapshot() {
  if [ "$(cut -d ' ' -f 1,2 "$state" 2>/dev/null)" != "$serial $pointed" ]; then
    remember_seen
  fi
  if [ "$(journaled applied | tail -n 1 | cut -d ' ' -f 1)" != "$snapshot" ]; then
    store manifest.json <"$work/manifest.json"
    journal begin "$role $recipe $snapshot $serial"
    journal applied "$snapshot $serial $(pair_or_none)"
  fi
}

# do_wishes GROUP...: those that differ.
do_wishes() {
  while IFS=$us read -r wish_kind wish_path wish_argument wish_mode wish_group wish_words _; do
    case " $* " in *" $wish_group "*) ;; *) continue ;; esac
    [ "$(state_of "$wish_kind" "$wish_path" "$wish_argument" "$wish_mode")" != differs ] ||
      do_wish "$wish_kind" "$wish_path" "$wish_argument" "$wish_mode"
  done <"$work/wishes"
}

# unwished: records of what an earlier snapshot asked for and this one does not.
unwished() {
  while IFS=$us read -r wish_kind wish_path wish_argument _; do
    record "$wish_kind" "$wish_path" "$wish_argument"
  done <"$work/wishes" | sed 's#^put/##' >"$work/wished-records"
  for put_record in "$state_dir"/put/*; do
    [ -f "$put_record" ] || continue
    put_record=${put_record##*/}
    case $put_record in *.new) continue ;; esac
    ! grep -qxF -e "$put_record" "$work/wished-records" || continue
    # Links of services that are as wished are no wishes any more.
    linked=$(sed -n '2s#.*/\([SK][0-9][0-9]\)\{0,1\}##p' "$state_dir/put/$put_record")
    case $put_record in *.entry) ! rows services name | grep -qxF -e "${linked%.service}$us" || continue ;; esac
    echo "$put_record"
  done
}

# undo_record RECORD: takes back one thing that was put. Says what somebody else changed, and leaves it.
undo_record() {
  record_path=$(sed -n 2p "$state_dir/put/$1")
  journal undo "$record_path"
  others=$(find "$state_dir/put" -name "$(encoded "$record_path").*" ! -name '*.new' | wc -l)
  if [ "$others" -eq 1 ] && ours "$record_path"; then
    put_back "$record_path"
  elif ! undo_part "$state_dir/put/$1"; then
    warn "$record_path was changed by somebody since it was applied: it stays as it is"
    left=yes
  fi
  rm -f "$state_dir/put/$1"
}

remove_packages() {
  [ -s "$work/removals" ] || return 0
  set --
  while read -r name; do
    set -- "$@" "$name"
    journal package "$name"
  done <"$work/removals"
  transaction remove -e "$@"
}

# arm: last of all, so that what is tried is complete.
arm() {
  if new_kernel_runs; then return; fi
  if [ -n "$initramfs" ] && ! devices_initramfs "$work/devices" "$initramfs" >"$work/lacks"; then
    refuse 40 boot "$(head -n 1 "$work/lacks"): $release is not tried as it is"
  fi
  case $(boot_state "$release") in
    absent | added) ;;
    tried) [ -n "$try_again" ] || half_armed || return 0 ;;
    *) return 0 ;;
  esac
  journal boot-try "$release"
  boot_try "$release"
  journal armed "$release"
}
# half_armed: killed while it armed, which looks as if the new kernel had been tried.
half_armed() { [ "$(last_step boot-try armed)" = boot-try ]; }

finish_words() {
  case $(boot_state "$release") in
    trying) say "applied: reboot to try $release; then: install.sh verify. Without that the start after it takes the old kernel again" ;;
    *) say "applied" ;;
  esac
}

