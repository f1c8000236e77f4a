#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# From the manifest to wishes about files: settings, modules, sysctl, offloads, services, files.

# make_wishes: into $work/wishes, in the order in which they are done.
make_wishes() {
  : >"$work/wishes"
  mkdir -p "$work/want"
  wish_settings
  if [ "$style" = sysv ]; then wish_sysv; else wish_systemd; fi
  wish_services
  rows files path mode source reason >"$work/rows"
  while IFS=$us read -r file_path file_mode file_source file_reason _; do
    wish file "$file_path" "$work/files/$(encoded "$file_source")" "$(echo "$file_mode" | sed 's/^0*//')" files "$file_path ($file_reason)"
  done <"$work/rows"
}

wish_settings() {
  rows settings file key value reason when >"$work/rows"
  while IFS=$us read -r set_file set_key set_value set_reason set_when _; do
    inside "$set_file"
    if [ "$set_when" = exists ] && [ ! -f "$root$path" ]; then continue; fi
    wish key "$path" "$set_key=$set_value" 644 settings "$set_key=$set_value in $path ($set_reason)"
  done <"$work/rows"
}

# words LIST FIELDS...: what a person reads of a list, one line per member.
words() {
  rows "$@" | awk -F "$us" '{print $1 ($2 != "" ? " = " $2 : "") " (" $3 ")"}'
}

# wish_list KIND PATH ARGUMENT MODE GROUP LIST NAME VALUE REASON: one wish, with the words of all its members.
wish_list() {
  words "$6" "$7" "$8" "$9" >"$work/want/words.$5"
  [ -s "$work/want/words.$5" ] || return 0
  inside "$2"
  wish "$1" "$path" "$3" "$4" "$5" "@$work/want/words.$5"
}

offload_loop() { # DOLLAR
  rows offloads feature value | awk -F "$us" -v d="$1" '
    {run = run " ethtool -K \"" d "{nic##*/}\" " $1 " " $2 " 2>/dev/null;"}
    END {if (NR) print "for nic in /sys/class/net/*; do [ -e \"" d "nic/device\" ] || continue;" run " done"}'
}

wish_sysv() {
  rows modules name | awk -F "$us" '{print "modprobe " $1}' >"$work/want/modules"
  wish_list block /etc/rc.d/rc.local "modules:$work/want/modules" 755 modules modules name - reason
  # shellcheck disable=SC2016 # for the shell of the host
  offload_loop '$' >"$work/want/offloads"
  wish_list block /etc/rc.d/rc.local "offloads:$work/want/offloads" 755 offloads offloads feature value reason
  rows sysctl key value | awk -F "$us" '{print $1 " = " $2}' >"$work/want/sysctl"
  wish_list block /etc/sysctl.conf "sysctl:$work/want/sysctl" 644 sysctl sysctl key value reason
}

wish_systemd() {
  rows modules name | awk -F "$us" '{print $1}' >"$work/want/modules"
  wish_list file /etc/modules-load.d/fullnat-factory.conf "$work/want/modules" 644 modules modules name - reason
  rows sysctl key value reason | awk -F "$us" '{print "# " $3; print $1 " = " $2}' >"$work/want/sysctl"
  wish_list file /etc/sysctl.d/90-fullnat-factory.conf "$work/want/sysctl" 644 sysctl sysctl key value reason
  [ -n "$(rows offloads feature)" ] || return 0
  unit=fullnat-factory-offloads.service
  # In a unit a dollar is written twice.
  printf '%s\n' '[Unit]' 'Description=Offloads of network cards as a FULLNAT host needs them' 'After=network-pre.target' '' \
    '[Service]' 'Type=oneshot' "ExecStart=/bin/sh -c '$(offload_loop '$$')'" '' '[Install]' 'WantedBy=multi-user.target' >"$work/want/offloads"
  wish_list file /etc/systemd/system/$unit "$work/want/offloads" 644 offloads offloads feature value reason
  wish entry /etc/systemd/system/multi-user.target.wants/$unit ../$unit 777 offloads "$unit at boot"
}

# wish_services: links of runlevels or targets; a service that the host does not have is no change.
wish_services() {
  rows services name state reason >"$work/services"
  while IFS=$us read -r service service_state service_reason _; do
    if [ "$style" = sysv ]; then
      # Only what differs becomes a wish; see undo_unwished.
      [ ! -f "$root/etc/rc.d/init.d/$service" ] || service_sysv
    else
      for unit_dir in /etc/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
        [ -f "$root$unit_dir/$service.service" ] || continue
        service_systemd "$unit_dir/$service.service"
        break
      done
    fi
  done <"$work/services"
}

# As chkconfig does it: levels and numbers stand in the head of the script.
service_sysv() {
  head=$(sed -n 's/^# *chkconfig: *//p' "$root/etc/rc.d/init.d/$service" | head -n 1)
  levels=${head%% *}
  start=$(echo "$head" | awk '{printf "%02d", $2 != "" ? $2 : 50}')
  stop=$(echo "$head" | awk '{printf "%02d", $3 != "" ? $3 : 50}')
  case $levels in '' | *[!0-6]*) levels=345 ;; esac
  for level in 0 1 2 3 4 5 6; do
    wanted_link=K$stop$service
    case $service_state:$levels in on:*$level*) wanted_link=S$start$service ;; esac
    for link in "$root/etc/rc.d/rc$level.d"/[SK][0-9][0-9]"$service"; do
      [ -L "$link" ] || continue
      if [ "${link##*/}" != "$wanted_link" ]; then wish entry "${link#"$root"}" '' 777 services "$service $service_state in runlevel $level ($service_reason)"; fi
    done
    if [ -d "$root/etc/rc.d/rc$level.d" ]; then
      [ -L "$root/etc/rc.d/rc$level.d/$wanted_link" ] || wish entry "/etc/rc.d/rc$level.d/$wanted_link" "../init.d/$service" 777 services "$service $service_state in runlevel $level ($service_reason)"
    fi
  done
}

# As systemctl enable and disable do it.
service_systemd() { # UNIT
  if [ "$service_state" = on ]; then
    sed -n 's/^WantedBy=//p' "$root$1" | tr ' ' '\n' >"$work/wants"
    while read -r wants; do
      [ -L "$root/etc/systemd/system/$wants.wants/$service.service" ] ||
        wish entry "/etc/systemd/system/$wants.wants/$service.service" "$1" 777 services "$service on ($service_reason)"
    done <"$work/wants"
    return
  fi
  for link in "$root"/etc/systemd/system/*.wants/"$service.service" "$root"/etc/systemd/system/*.requires/"$service.service"; do
    [ ! -L "$link" ] || wish entry "${link#"$root"}" '' 777 services "$service off ($service_reason)"
  done
}

