#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# What is remembered between runs: directory, lock, journal, options; and the log.

# places: where everything of ours on this host is.
places() {
  parent=$root/var/lib/fullnat-factory
  state_dir=$parent/install
  log_file=$root/var/log/fullnat-factory.log
}

# say WORDS: to whoever looks, and into the log once something is being done.
logging=''
say() {
  printf '%s\n' "$*"
  log "$*"
}
log() { [ -z "$logging" ] || printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>"$log_file"; }
warn() { say "warning: $*"; }

# flush FILE...: onto the disk. sync of CentOS 6 knows no files and takes all.
flush() { sync "$@" 2>/dev/null || sync; }

# started PID: when that process was started, so that another one with its number is not taken for it.
started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

# take_lock: a directory, because making one succeeds for one process only. That of a dead process is taken over.
take_lock() {
  lock=$parent/install.lock
  mkdir -p "$parent"
  lock_tries=0
  until mkdir "$lock" 2>/dev/null; do
    lock_tries=$((lock_tries + 1))
    if [ ! -s "$lock/holder" ] && [ $lock_tries -lt 3 ]; then
      sleep 1
      continue
    fi
    holder=$(cat "$lock/holder" 2>/dev/null)
    if [ -n "$holder" ] && [ "$(started "${holder%% *}")" = "${holder#* }" ]; then
      refuse 38 busy "install.sh is running here as process ${holder%% *}: wait until it has ended"
    fi
    [ $lock_tries -lt 6 ] || refuse 38 busy "$lock cannot be taken: remove it if no install.sh is running"
    mv "$lock" "$lock.dead.$$" 2>/dev/null || continue
    # Somebody else may have taken it over in between.
    if [ "$(cat "$lock.dead.$$/holder" 2>/dev/null)" != "$holder" ]; then
      mv "$lock.dead.$$" "$lock"
      continue
    fi
    rm -rf "$lock.dead.$$"
  done
  echo "$$ $(started $$)" >"$lock/holder"
  trap 'leave_lock' EXIT
}

# open_state: refuses what is there and was not left by this script. $installed: yes if an apply was begun here.
open_state() {
  installed=''
  [ -e "$state_dir" ] || return 0
  part=''
  for part in journal packages-before made-dirs config-paths kept put rpms; do
    [ -e "$state_dir/$part" ] || break
    part=''
  done
  if [ -n "$part" ] || [ "$(cat "$state_dir/version" 2>/dev/null)" != 1 ]; then
    refuse 39 damaged "$state_dir is not as this script left it: bring it back from a backup"
  fi
  bad=$(awk -v last="$(wc -l <"$state_dir/journal")" '
    $0 !~ /^[0-9]+ [a-z-]+( .*)?;$/ || $1 != NR {if (NR <= last) {print NR; exit}}' "$state_dir/journal")
  [ -z "$bad" ] || refuse 39 damaged "$state_dir/journal has a line that this script did not write: line $bad"
  installed=yes
}

# make_state: at the first apply; complete or not there at all.
make_state() {
  [ ! -e "$state_dir" ] || return 0
  rm -rf "$state_dir.new"
  mkdir -m 700 "$state_dir.new"
  mkdir "$state_dir.new/kept" "$state_dir.new/put" "$state_dir.new/cache" "$state_dir.new/rpms"
  all_packages >"$state_dir.new/packages-before"
  : >"$state_dir.new/journal"
  : >"$state_dir.new/made-dirs"
  : >"$state_dir.new/config-paths"
  echo 1 >"$state_dir.new/version"
  flush "$state_dir.new"/*
  mv "$state_dir.new" "$state_dir"
  flush "$parent"
}

# journal VERB [WORDS]: on the disk before the step is done.
journal() {
  # Half a line at the end is from a run that was killed while it wrote.
  if [ -s "$state_dir/journal" ] && [ -n "$(tail -c 1 "$state_dir/journal")" ]; then
    awk -v last="$(wc -l <"$state_dir/journal")" 'NR <= last' "$state_dir/journal" >"$state_dir/journal.new"
    mv "$state_dir/journal.new" "$state_dir/journal"
  fi
  printf '%s %s;\n' "$(($(wc -l <"$state_dir/journal") + 1))" "$*" >>"$state_dir/journal"
  flush "$state_dir/journal"
  log "step: $*"
}

# journaled VERB: the words of each such step, oldest first.
journaled() { sed -n 's/^[0-9]* '"$1"' \{0,1\}\(.*\);$/\1/p' "$state_dir/journal" 2>/dev/null; }
# last_step VERB...: which of these steps was the last.
last_step() {
  awk -v verbs=" $* " '{sub(/;$/, "")} index(verbs, " " $2 " ") {last = $2} END {print last}' "$state_dir/journal" 2>/dev/null
}

# store FILE: standard input becomes this file of the state directory, all of it or nothing.
store() {
  cat >"$state_dir/$1.new"
  flush "$state_dir/$1.new"
  mv "$state_dir/$1.new" "$state_dir/$1"
}

# recall_options: what was given at the last apply counts where nothing is given now.
recall_options() {
  [ -f "$state_dir/options" ] || return 0
  remembered() { sed -n "s/^$1 //p" "$state_dir/options"; }
  if [ -z "$base" ]; then
    base=$(remembered base)
    [ -n "$recipe" ] || recipe=$(remembered recipe)
  fi
  [ -n "$role" ] || role=$(remembered role)
  [ -n "$fleet" ] || fleet=$(remembered fleet)
  [ -n "$kept_names" ] || kept_names=$(remembered keep)
  if [ -z "$keys$fingerprints" ]; then
    fingerprints=$(remembered fingerprints)
    if [ -s "$state_dir/keys" ]; then
      keys="$state_dir/keys
"
    fi
  fi
}

store_options() {
  printf '%s\n' "base $base" "recipe $recipe" "role $role" "fleet $fleet" "keep$kept_names" "fingerprints $fingerprints" | store options
  quiet_gpg --armor --export | store keys
}

