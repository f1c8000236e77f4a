#!/bin/sh
# What a director does to its own interfaces: local addresses on the inner one, VIPs on lo. keepalived calls `up` and `down`
# when a service gains or loses its quorum; OSPF announces what is on lo. Everything it needs is in files beside it:
#   director.conf   settings       vips   lines "SERVICE VIP"       sysctl.conf, snat.rules   applied by boot
set -u
PATH=/sbin:/usr/sbin:/bin:/usr/bin
etc=${0%/*}
# A file per VIP and service that has its quorum: a VIP goes away with the last of its services.
STATE=/var/run/fullnat
# shellcheck source=/dev/null
. "$etc/director.conf"
state=$STATE

say() {
  echo "director: $*" >&2
  logger -t fullnat-director "$*" 2>/dev/null || true
}

has() { ip -4 -o addr show dev "$2" | grep -qF " inet $1/32 "; }
add() { has "$1" "$2" || ip addr add "$1/32" dev "$2"; }
delete() { ! has "$1" "$2" || ip addr del "$1/32" dev "$2"; }

vips_of() { awk -v service="$1" '$1 == service { print $2 }' "$etc/vips"; }
all_vips() { awk '/^[^#]/ { print $2 }' "$etc/vips" | sort -u; }

# Scripts of several services may run at once.
lock() {
  mkdir -p "$state"
  exec 9>"$state/lock"
  flock 9
}

lips() {
  for lip in $LIPS; do
    add "$lip" "$INNER" || return 1
  done
}

up() {
  # No VIP is announced by a director that lacks the addresses it would answer from.
  lips || return 1
  for vip in $(vips_of "$1"); do
    mkdir -p "$state/$vip" && : >"$state/$vip/$1" && add "$vip" lo || return 1
  done
  say "up $1"
}

# Goes by what `up` left, not by the table: a reload may have taken the service or its VIPs out of that.
down() {
  for file in "$state"/*/"$1"; do
    [ -e "$file" ] || continue
    rm -f "$file"
    vip=$(basename "$(dirname "$file")")
    # Not empty: another service of the VIP has its quorum.
    if rmdir "$state/$vip" 2>/dev/null; then delete "$vip" lo || return 1; fi
  done
  say "down $1"
}

# For when keepalived was killed and could not call down.
reset() {
  for vip in $(all_vips) $(cd "$state" && ls -d -- *.*.*.* 2>/dev/null); do
    rm -rf "${state:?}/$vip"
    delete "$vip" lo || return 1
  done
}

boot() {
  for module in $MODULES; do
    modprobe "$module" || return 1
  done
  sysctl -p "$etc/sysctl.conf" >/dev/null || return 1
  for interface in $OFFLOADS_OFF; do
    for offload in gro lro; do
      # Not every driver has both.
      ethtool -K "$interface" "$offload" off 2>/dev/null || say "cannot switch $offload of $interface off"
    done
  done
  if [ -f "$etc/snat.rules" ]; then
    # Only our own chain is replaced; other rules stay.
    iptables-restore --noflush <"$etc/snat.rules" || return 1
    iptables -t nat -C POSTROUTING -j FULLNAT 2>/dev/null || iptables -t nat -A POSTROUTING -j FULLNAT || return 1
  fi
  reset && lips
}

case "${1:-} $#" in
  "boot 1" | "lips 1" | "reset 1" | "up 2" | "down 2")
    # keepalived 2 ends the scripts that still run when it stops or reloads; half a `down` would leave a VIP that nobody serves.
    trap '' HUP INT TERM
    lock
    "$@" || {
      say "$* failed"
      exit 1
    }
    ;;
  "status 1")
    for lip in $LIPS; do has "$lip" "$INNER" || echo "LIP $lip is missing on $INNER"; done
    for vip in $(all_vips); do if has "$vip" lo; then echo "VIP $vip up"; else echo "VIP $vip down"; fi; done
    ;;
  *)
    echo "Usage: $0 boot | lips | up SERVICE | down SERVICE | reset | status" >&2
    exit 2
    ;;
esac
