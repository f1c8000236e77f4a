#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# verify and status: need nothing but what apply left on this host.

# recall_manifest: that of the last apply.
recall_manifest() {
  [ -s "$state_dir/manifest.json" ] || refuse 39 damaged "$state_dir/manifest.json is missing: apply again"
  read_manifest "$state_dir/manifest.json" "$state_dir/manifest.json"
}

# run_checks LIST: each says ok or what it got; $failed counts.
run_checks() {
  rows "checks.$1" id command expected >"$work/checks"
  while IFS=$us read -r check_id check_command check_expected _; do
    if [ -n "$root" ]; then
      check_got=$(chroot "$root" /bin/sh -c "$check_command" 2>&1 </dev/null)
    else
      check_got=$(/bin/sh -c "$check_command" 2>&1 </dev/null)
    fi
    check_status=$?
    if [ $check_status -eq 0 ] && [ "$check_got" = "$check_expected" ]; then
      say "ok: $check_id"
    else
      say "FAILED: $check_id: $check_command: got $(printf '%s' "$check_got" | head -n 3 | tr '\n' ' ')(exit $check_status), expected $check_expected"
      failed=$((failed + 1))
    fi
  done <"$work/checks"
}

verify() {
  [ -n "$installed" ] || refuse 43 nothing "nothing was installed here by this script: install.sh apply"
  ! interrupted || refuse 44 failed "an apply or rollback was interrupted here: apply again, or rollback"
  recall_manifest
  logging=yes
  failed=0
  run_checks before
  boot_is=$(boot_state "$release")
  if ! new_kernel_runs; then
    [ $failed -eq 0 ] || { say "$failed checks failed: see docs/install.md, or rollback"; exit 1; }
    case $boot_is in
      tried | confirmed)
        [ -n "$root" ] || { say "FAILED: kernel: $(uname -r) runs, and not $release, which was tried: this host fell back"; exit 1; }
        ;;
    esac
    say "verified before the reboot: reboot to try $release, then verify again"
    return
  fi
  run_checks after
  if [ $failed -gt 0 ]; then
    say "$failed checks failed under $release: it is not confirmed, and the next start takes the old kernel"
    exit 1
  fi
  if [ "$boot_is" != confirmed ]; then
    journal confirmed "$release"
    boot_confirm "$release"
    say "confirmed: $release is the default from now on"
  fi
  say "verified: all checks are green under $release"
}

status() {
  if [ -z "$installed" ]; then
    echo "nothing was installed here by this script"
    return
  fi
  echo "role      $(installed_role)"
  applied=$(journaled applied | tail -n 1)
  echo "snapshot  ${applied:-none yet}" | awk '{print $1 "  " $2}'
  echo "serial    $(echo "$applied" | cut -d ' ' -f 2)"
  echo "pair      $(echo "$applied" | cut -d ' ' -f 3)"
  echo "          (line for --fleet FILE: pair $(echo "$applied" | cut -d ' ' -f 3))"
  if interrupted; then echo "state     an apply or rollback was interrupted: apply again, or rollback"; fi
  if [ -s "$state_dir/manifest.json" ]; then
    recall_manifest
    echo "kernel    $release, running: $(if [ -n "$root" ]; then echo "unknown (--root)"; else uname -r; fi)"
    case $(boot_state "$release") in
      absent) echo "boot      no entry for it" ;;
      added) echo "boot      has an entry, is not the default" ;;
      trying) echo "boot      waiting for the reboot that tries it" ;;
      tried) if new_kernel_runs; then echo "boot      running, not confirmed: install.sh verify"; else echo "boot      fell back to the old kernel"; fi ;;
      confirmed) if new_kernel_runs || [ -n "$root" ]; then echo "boot      confirmed, the default"; else echo "boot      confirmed, but another kernel is running"; fi ;;
    esac
  fi
  echo "log       $log_file"
  tail -n 5 "$log_file" 2>/dev/null | sed 's/^/  /'
}

