#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# What is set in the running kernel: sysctl values and offloads, and the values from before.

# apply_live: what counts at once and not only after the next start; what the running kernel does not know comes with the new one.
apply_live() {
  [ -z "$root" ] || return 0
  rows sysctl key value >"$work/rows"
  while IFS=$us read -r name value _; do
    knob=/proc/sys/$(printf '%s' "$name" | tr . /)
    [ -r "$knob" ] || continue
    old=$(tr -s '\t ' ' ' <"$knob")
    [ "$old" != "$value" ] || continue
    journal live-sysctl "$name $old"
    { echo "$value" >"$knob"; } 2>/dev/null || warn "$name cannot be set to $value here and now; it will be after the next start"
  done <"$work/rows"
  command -v ethtool >/dev/null 2>&1 || return 0
  rows offloads feature value >"$work/rows"
  while IFS=$us read -r name value _; do
    for nic in /sys/class/net/*; do
      [ -e "$nic/device" ] || continue
      old=$(offload_now "${nic##*/}" "$name")
      if [ -n "$old" ] && [ "$old" != "$value" ]; then
        journal live-offload "${nic##*/} $name $old"
        ethtool -K "${nic##*/}" "$name" "$value" >/dev/null 2>&1 || warn "${nic##*/}: $name cannot be turned $value"
      fi
    done
  done <"$work/rows"
}

# offload_now NIC FEATURE: on or off; nothing where it cannot be changed.
offload_now() {
  case $2 in
    gro) long=generic-receive-offload ;;
    lro) long=large-receive-offload ;;
    gso) long=generic-segmentation-offload ;;
    tso) long=tcp-segmentation-offload ;;
    *) long=$2 ;;
  esac
  ethtool -k "$1" 2>/dev/null | awk -v name="$long:" '$1 == name && $3 != "[fixed]" {print $2}'
}

# back_live: the first value that was written down is the one from before.
back_live() {
  [ -z "$root" ] || return 0
  journaled live-sysctl | awk '!seen[$1]++' >"$work/live"
  while read -r name value; do
    { echo "$value" >"/proc/sys/$(printf '%s' "$name" | tr . /)"; } 2>/dev/null
  done <"$work/live"
  journaled live-offload | awk '!seen[$1, $2]++' >"$work/live"
  while read -r nic name value; do ethtool -K "$nic" "$name" "$value" >/dev/null 2>&1 </dev/null; done <"$work/live"
  return 0
}

