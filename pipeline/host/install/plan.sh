#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# plan: what would change, one line each, by group.

# prepare: everything that can refuse, and everything that has to be fetched; changes nothing. Packages go to the directory.
prepare() {
  [ -n "$base" ] || refuse 64 usage "BASE is needed: the address or directory of the published recipe"
  [ -n "$recipe" ] || recipe=${base##*/}
  case $recipe in '' | *[!0-9A-Za-z._-]*) refuse 64 usage "$recipe is no name of a recipe: give --recipe" ;; esac
  state=$parent/$recipe.seen
  choose_fetcher "$base"
  take_keys
  take_snapshot
  take_manifest
  check_platform
  check_pair
  check_boot
  check_space
  take_files
  todo_packages
  take_packages "$1"
  make_wishes
  make_plan
}

# make_plan: into $work/plan (changes) and $work/warnings.
make_plan() {
  : >"$work/plan"
  : >"$work/warnings"
  plan_packages >>"$work/plan"
  boot_plan "$release" "$image" "${initramfs:--}" "$arguments" >"$work/boot-lines"
  case $(boot_state "$release") in
    tried)
      # Once tried, it is not tried by itself again.
      if { [ -n "$try_again" ] || half_armed; } && ! new_kernel_runs; then
        echo "boot: the next start takes $release once again" >>"$work/boot-lines"
      elif ! new_kernel_runs; then
        echo "warning: $release was tried, and this host is back at another kernel: --try-again tries it once more" >>"$work/warnings"
      fi
      ;;
  esac
  grep '^boot: ' "$work/boot-lines" >>"$work/plan"
  grep '^warning: ' "$work/boot-lines" >>"$work/warnings"
  while IFS=$us read -r wish_kind wish_path wish_argument wish_mode wish_group wish_words _; do
    case $(state_of "$wish_kind" "$wish_path" "$wish_argument" "$wish_mode") in
      differs)
        case $wish_words in
          @*) sed "s#^#$wish_group: #; s#\$# in $wish_path#" "${wish_words#@}" ;;
          *) printf '%s: %s\n' "$wish_group" "$wish_words" ;;
        esac >>"$work/plan"
        ;;
      theirs) echo "warning: $wish_path was changed by somebody since it was applied ($wish_group): it stays as it is" >>"$work/warnings" ;;
    esac
  done <"$work/wishes"
  # A service has two links per runlevel.
  awk '!seen[$0]++' "$work/plan" >"$work/plan.once"
  mv "$work/plan.once" "$work/plan"
  for put_record in $(unwished); do
    echo "files: put back $(sed -n 2p "$state_dir/put/$put_record"), which this snapshot does not ask for any more" >>"$work/plan"
  done
  awk '{print "removals: " $0}' "$work/removal-lines" >>"$work/plan"
  sed 's/^/warning: /' "$work/stay" >>"$work/warnings"
  [ -n "$root" ] || devices_warnings "$work/devices" >>"$work/warnings"
}

plan_packages() {
  : >"$work/removal-lines"
  while IFS=$us read -r what name nevra file sum size key how there _; do
    case $what in
      add) if [ "$how" = beside ]; then echo "packages: install $nevra beside what is there"; else echo "packages: install $nevra"; fi ;;
      replace) echo "packages: install $nevra instead of $there" ;;
      remove) echo "remove $there ($(rows remove name reason | awk -F "$us" -v name="$name" '$1 == name {print $2}'))" >>"$work/removal-lines" ;;
    esac
  done <"$work/todo"
  missing_requirements | sed 's/^/packages: from this host'"'"'s own repositories what provides /'
}

# plan_warnings: what only plan looks for.
plan_warnings() {
  leaving | obtain "$work/old" |
    sed 's/.*/warning: rollback could not bring back &: no repository of this host has it/' >>"$work/warnings"
  for old_release in $(journaled kernel | cut -d ' ' -f 1 | sort -u); do
    [ "$old_release" = "$release" ] || ! [ -d "$root/lib/modules/$old_release" ] ||
      echo "warning: $old_release of an earlier snapshot stays installed" >>"$work/warnings"
  done
}

# interrupted: an apply was begun and did not come to its end.
interrupted() { [ "$(last_step begin applied)" = begin ] || [ "$(last_step begin applied rollback)" = rollback ]; }

plan() {
  prepare "$work/packages"
  plan_warnings
  echo "$role of $recipe at $snapshot (pair $(pair_or_none)), published $published (serial $serial), signed by $by"
  if [ -n "$installed" ] && interrupted; then echo "begun: an apply or rollback was interrupted here; apply or rollback finishes it"; fi
  cat "$work/plan" "$work/warnings"
  if [ -s "$work/plan" ]; then
    echo "$(wc -l <"$work/plan" | tr -d ' ') changes"
    exit 2
  fi
  [ -z "$installed" ] || ! interrupted || exit 2
  echo "no change"
}

new_kernel_runs() { [ -z "$root" ] && [ "$(uname -r)" = "$release" ]; }

