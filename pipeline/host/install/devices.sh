#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# Will the new kernel run this machine? Its drivers stand in the published .devices file (lines "module NAME module|builtin" and
# "alias PATTERN NAME"); what this machine has and uses stands in /sys. What lies under the root file system: devices-root.sh.

# devices_warnings DEVICES_FILE [INITRAMFS|-]: lines "warning: ...". Another machine's disk (--root) says nothing of its devices.
# What the kernel starts with is $initramfs of the manifest, unless it is given.
devices_warnings() {
  [ -z "$root" ] && [ -d "$sys/bus" ] || return 0
  devices_present >"$work/devices-present"
  devices_judge "$1" "$work/devices-present"
  root_warnings "$1" "${2:-${initramfs:--}}"
}

# devices_driver DIR: "driver module" of a device, "-" where there is none: the driver that is used, and the module it is in.
devices_driver() {
  [ -L "$1/driver" ] || { echo '- -' && return; }
  devices_name=$(basename "$(readlink "$1/driver")")
  devices_module=$devices_name
  if [ -L "$1/driver/module" ]; then devices_module=$(basename "$(readlink "$1/driver/module")"); fi
  echo "$devices_name $devices_module"
}

# devices_present: a line per device that has a driver now: bus, address, vendor:device, class, driver, its module, modalias, and
# the network interfaces or disks behind it.
devices_present() {
  for device in "$sys"/bus/pci/devices/* "$sys"/bus/virtio/devices/*; do
    [ -f "$device/modalias" ] || continue
    devices_bus=${device%/devices/*}
    devices_bus=${devices_bus##*/}
    devices_names=''
    # virtio cards keep their interface one level deeper, under the virtio device of the PCI card.
    for name in "$device"/net/* "$device"/virtio*/net/* "$device"/block/* "$device"/virtio*/block/* \
      "$device"/host*/target*/*/block/* "$device"/ata*/host*/target*/*/block/*; do
      [ ! -d "$name" ] || devices_names="$devices_names ${name##*/}"
    done
    devices_id='-'
    if [ -f "$device/vendor" ] && [ -f "$device/device" ]; then
      devices_id=$(cat "$device/vendor"):$(cat "$device/device")
    fi
    devices_class=0x000000
    [ ! -f "$device/class" ] || devices_class=$(cat "$device/class")
    echo "$devices_bus ${device##*/} $devices_id $devices_class $(devices_driver "$device") $(cat "$device/modalias")$devices_names"
  done
}

# devices_judge DEVICES_FILE PRESENT: compares. Whether a built-in driver knows a device is only known where depmod wrote
# modules.builtin.alias (kmod 27 and newer), so a built-in driver of the same name counts as knowing it.
devices_judge() {
  awk -v present="$2" '
    function normal(name) {gsub(/-/, "_", name); return name}
    # fnmatch pattern as a regular expression; brackets mean the same in both.
    function expression(pattern,   out, c, i, bracket) {
      out = "^"
      for (i = 1; i <= length(pattern); i++) {
        c = substr(pattern, i, 1)
        if (bracket) {out = out c; if (c == "]") bracket = 0}
        else if (c == "[") {out = out c; bracket = 1}
        else if (c == "*") out = out ".*"
        else if (c == "?") out = out "."
        else if (c ~ /[A-Za-z0-9_:,-]/) out = out c
        else out = out "[" c "]"
      }
      return out "$"
    }
    BEGIN {
      while ((getline line <present) > 0) {
        count++
        n = split(line, field, " ")
        bus[count] = field[1]; address[count] = field[2]; id[count] = field[3]; class[count] = field[4]
        driver[count] = field[5]; module[count] = normal(field[6]); modalias[count] = field[7]
        for (i = 8; i <= n; i++) names[count] = names[count] (names[count] == "" ? "" : ", ") field[i]
      }
    }
    $1 == "module" {has[normal($2)] = $3}
    $1 == "alias" {
      # What stands before the first wildcard decides nearly always.
      plain = match($2, /[][*?]/) ? substr($2, 1, RSTART - 1) : $2
      for (i = 1; i <= count; i++)
        if (!known[i] && index(modalias[i], plain) == 1 && modalias[i] ~ expression($2)) known[i] = 1
    }
    END {
      for (i = 1; i <= count; i++) {
        if (driver[i] == "-" || known[i] || ((module[i] in has) && has[module[i]] == "builtin")) continue
        what = class[i] ~ /^0x01/ ? "storage" : class[i] ~ /^0x02/ ? "network" : class[i] ~ /^0x0c0[34]/ ? "bus" : "other"
        if (bus[i] == "virtio") what = "virtual"
        if (what == "other") {
          # Bridges have drivers of the kernel itself.
          if (class[i] !~ /^0x06/ && !(module[i] in has)) others = others (others == "" ? "" : ", ") address[i] " (" driver[i] ")"
          continue
        }
        gsub(/0x/, "", id[i])
        text = "warning: " what " device " address[i] (id[i] == "-" ? "" : " [" id[i] "]") (names[i] == "" ? "" : ", " names[i]) ": "
        if (module[i] in has) print text "driver " driver[i] " of the new kernel does not know this device"
        else print text "the new kernel has no driver for it (now: " driver[i] ")"
      }
      if (others != "") print "warning: no driver in the new kernel, and nothing starts from or serves over these: " others
    }' "$1"
}
