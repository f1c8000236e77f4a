#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# Packages: installing, replacing and removing them, and the way back.

file_of() { cat "$work/file-of.$1"; }
# files_to WHAT...: package files of the todo list by how they are installed.
files_how() {
  while IFS=$us read -r what name nevra file sum size key how there _; do
    case " $* " in *" $how "*) [ "$what" = remove ] || file_of "$nevra" ;; esac
  done <"$work/todo"
}

# dnf_ ARGUMENTS: the host's own package manager, with its own repositories and their signatures checked.
manager() { if command -v dnf >/dev/null 2>&1; then echo dnf; elif command -v yum >/dev/null 2>&1; then echo yum; fi; }
manager_() { "$(manager)" -y ${root:+--installroot "$root"} --setopt=gpgcheck=1 --setopt=installonly_limit=0 "$@" </dev/null; }

# missing_requirements: of the packages to come, what neither they nor the host provides; one per line.
missing_requirements() {
  files_how beside exact at-least >"$work/coming"
  [ -s "$work/coming" ] || return 0
  # As if nothing was replaced: only what is not there is of interest.
  tr '\n' '\0' <"$work/coming" | xargs -0 rpm ${root:+--root "$root"} -i --test --oldpackage --replacepkgs --replacefiles >"$work/rpm" 2>&1 && return 0
  sed -n 's/^[ \t]*\(.*\) is needed by .*/\1/p' "$work/rpm" | grep -v ' (installed)$' | sort -u
}

# check_replacing: rpm's own word on what is to replace something, before anything is changed.
check_replacing() {
  files_how exact at-least >"$work/coming"
  [ -s "$work/coming" ] || return 0
  tr '\n' '\0' <"$work/coming" | xargs -0 rpm ${root:+--root "$root"} -U --test --oldpackage >"$work/rpm" 2>&1 && return 0
  grep -E 'is needed by \(installed\)|conflicts with' "$work/rpm" >"$work/conflicts" ||
    return 0
  refuse 41 requires "$(sed 's/^[ \t]*//' "$work/conflicts" | head -n 1): remove or update that package first"
}

# obtain DIR: of the NEVRAs on standard input (of packages that are or were installed) the files, from the caches or repositories of
# this host, each under its name. Prints those that cannot be had.
obtain() {
  mkdir -p "$1"
  sort -u >"$work/to-obtain"
  set -- "$1"
  while read -r old; do
    if [ -f "$1/$old.rpm" ]; then continue; fi
    cached=$(find "$state_dir/rpms" "$root/var/cache/yum" "$root/var/cache/dnf" -name "$old.rpm" 2>/dev/null | head -n 1)
    if [ -n "$cached" ]; then cp "$cached" "$1/$old.rpm"; else set -- "$@" "$old"; fi
  done <"$work/to-obtain"
  if [ $# -gt 1 ]; then obtain_from_repositories "$@" >"$work/manager" 2>&1; fi
  while read -r old; do
    if [ ! -f "$1/$old.rpm" ] || [ "$(nevra_of "$1/$old.rpm")" != "$old" ]; then echo "$old"; fi
  done <"$work/to-obtain"
}
obtain_from_repositories() { # DIR NEVRA...
  obtain_dir=$1
  shift
  if [ "$(manager)" = dnf ]; then
    manager_ -q reinstall --downloadonly --destdir "$obtain_dir" "$@"
  elif command -v yumdownloader >/dev/null 2>&1 && [ -z "$root" ]; then
    yumdownloader --destdir "$obtain_dir" "$@" </dev/null
  elif [ "$(manager)" = yum ]; then
    manager_ -q reinstall --downloadonly --downloaddir "$obtain_dir" "$@"
  fi
}

# leaving: NEVRAs that are replaced or removed.
leaving() {
  while IFS=$us read -r what name nevra file sum size key how there _; do
    [ -z "$there" ] || printf '%s\n' "$there" | tr ' ' '\n'
  done <"$work/todo"
}

# keep_for_packages: before any of them changes: files that could bring the old ones back, their settings, and directories.
keep_for_packages() {
  leaving >"$work/leaving"
  obtain "$state_dir/rpms" <"$work/leaving" >"$work/lost"
  flush "$state_dir/rpms"
  while read -r nevra; do warn "rollback cannot bring back $nevra: no repository of this host has it"; done <"$work/lost"
  while read -r nevra; do rpm_ -qc "$nevra" 2>/dev/null; done <"$work/leaving" >"$work/out"
  files_how beside exact at-least >"$work/coming"
  { grep '^/' "$work/out"; while read -r file; do rpm -qpc "$file" 2>/dev/null; done <"$work/coming"; } | grep '^/' | sort -u >"$work/configs"
  while read -r config; do
    for config in "$config" "$config.rpmnew" "$config.rpmsave" "$config.rpmorig"; do
      keep_entry "$config"
      grep -qxF "$config" "$state_dir/config-paths" || echo "$config" >>"$state_dir/config-paths"
    done
  done <"$work/configs"
  # Scripts of a kernel package (new-kernel-pkg of CentOS 6) write here.
  for config in /boot/grub/grub.conf /etc/sysconfig/kernel ${initramfs:+"$initramfs"}; do
    inside "$config"
    keep_entry "$path"
    grep -qxF "$path" "$state_dir/config-paths" || echo "$path" >>"$state_dir/config-paths"
  done
  flush "$state_dir/config-paths"
  while read -r file; do rpm -qpl "$file" 2>/dev/null; done <"$work/coming" |
    awk -F / '/^\// {p = ""; for (i = 2; i < NF; i++) {p = p "/" $i; if (!(p in seen)) {seen[p] = 1; print p}}}' >"$work/dirs"
  while read -r dir; do [ -d "$root$dir" ] || made_dir "$dir"; done <"$work/dirs"
}

# seal_packages: what their scripts wrote is no change by somebody else.
seal_packages() {
  while read -r config; do seal "$config"; done <"$state_dir/config-paths"
  flush "$state_dir"/kept/*/puts
}

# transaction VERB ARGUMENTS: rpm, with its words in the log. $lock's holder is this process, whatever rpm starts.
transaction() {
  journal "$1" "$(printf '%s\n' "$@" | sed '1,2d; /^--/d; s#.*/##' | paste -s -d ' ' -)"
  shift
  rpm_ "$@" >"$work/rpm" 2>&1 </dev/null
  transaction_status=$?
  sed 's/^/  /' "$work/rpm" >>"$log_file"
  if [ $transaction_status -ne 0 ] || grep -qE 'scriptlet failed' "$work/rpm"; then
    refuse 44 failed "rpm $1: $(grep -v -e '^warning: ' -e '^rpm: ' "$work/rpm" | head -n 3 | tr '\n' ' ')(the rest is in $log_file): then apply again, or rollback"
  fi
  seal_packages
  journal finished
}

# install_files VERB FLAG HOW...: package files of the todo list.
install_files() {
  verb=$1
  flag=$2
  shift 2
  files_how "$@" >"$work/coming"
  [ -s "$work/coming" ] || return 0
  while IFS=$us read -r what name nevra file sum size key how there _; do
    case " $* " in *" $how "*) [ "$what" = remove ] || journal package "$name" "$nevra" ;; esac
  done <"$work/todo"
  set --
  while read -r file; do set -- "$@" "$file"; done <"$work/coming"
  transaction "$verb" "$flag" --oldpackage --replacepkgs "$@"
}

# bring_requirements: from the host's own repositories; what came along is journaled.
bring_requirements() {
  missing_requirements >"$work/missing"
  [ -s "$work/missing" ] || return 0
  [ -n "$(manager)" ] || refuse 41 requires "$(head -n 1 "$work/missing") is missing, and this host has neither yum nor dnf"
  all_packages >"$work/all-before"
  store along <"$work/all-before"
  journal along-begin
  set --
  while read -r capability; do set -- "$@" "$capability"; done <"$work/missing"
  rows packages name | tr -d "$us" | sort -u >"$work/names"
  for dir in /etc/dnf /etc/dnf/modules.d; do [ -d "$root$dir" ] || made_dir "$dir"; done
  manager_ --exclude "$(paste -s -d , "$work/names")" install "$@" >"$work/manager" 2>&1
  manager_status=$?
  sed 's/^/  /' "$work/manager" >>"$log_file"
  note_along
  missing_requirements >"$work/missing"
  if [ $manager_status -ne 0 ] || [ -s "$work/missing" ]; then
    refuse 41 requires "no repository of this host provides $(paste -s -d , "$work/missing" | sed 's/,/, /g'): see $log_file"
  fi
}

# note_along: what the package manager brought; also after a run that was killed meanwhile.
note_along() {
  all_packages | comm -13 "$state_dir/along" - >"$work/came"
  while read -r name nevra; do
    case " $(journaled package | tr '\n' ' ') " in *" $name $nevra "*) ;; *) journal package "$name" "$nevra" ;; esac
  done <"$work/came"
  journal along-done
}

