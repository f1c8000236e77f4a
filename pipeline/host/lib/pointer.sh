#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# The signed pointer, and what this host remembers of it.

# field NAME: of the statement. One field per line, and every line has its form, or nothing of it counts.
field() { sed -n 's/^ "'"$1"'": "\{0,1\}\([0-9A-Za-z:._-]*\)"\{0,1\},\{0,1\}$/\1/p' "$work/statement"; }

read_pointer() {
  fetch "$base/pointer.asc" "$work/pointer.asc"
  [ "$(head -n 1 "$work/pointer.asc")" = '-----BEGIN PGP SIGNED MESSAGE-----' ] ||
    refuse 10 signature "$base/pointer.asc is not signed"
  [ "$(grep -c '^-----BEGIN PGP SIGNED MESSAGE-----' "$work/pointer.asc")" -eq 1 ] ||
    refuse 10 signature "$base/pointer.asc holds more than one statement"
  [ "$(tail -n 1 "$work/pointer.asc")" = '-----END PGP SIGNATURE-----' ] ||
    refuse 10 signature "$base/pointer.asc is not complete"
  by=$(signer "$work/pointer.asc") ||
    refuse 10 signature "$base/pointer.asc was not signed by a key that this host knows, or not in these words"
  # What gpg says was signed, not what the file shows.
  rm -f "$work/statement"
  quiet_gpg --output "$work/statement" --decrypt "$work/pointer.asc" 2>/dev/null
  [ -s "$work/statement" ] || refuse 10 signature "$base/pointer.asc: gpg reads nothing out of it"
  lines=$(grep -c '^ "[A-Za-z]*": ' "$work/statement")
  if [ "$(head -n 1 "$work/statement")" != '{' ] || [ "$lines" -ne 7 ] || [ "$(field schema)" != 2 ]; then
    refuse 10 signature "$base/pointer.asc is signed, but no statement that this script knows"
  fi
  says=$(field recipe)
  snapshot=$(field snapshot)
  serial=$(field serial)
  published=$(field publishedAt)
  issued=$(field issuedAt)
  expires=$(field expires)
  case $serial in '' | *[!0-9]*) refuse 10 signature "$base/pointer.asc has no serial" ;; esac
  case $snapshot in '' | .* | *[!0-9A-Za-z._-]*) refuse 10 signature "$base/pointer.asc names no snapshot" ;; esac
}

# Times in this form sort as texts.
is_before() { awk -v a="$1" -v b="$2" 'BEGIN {exit !((a "") < (b ""))}'; }

# What the pointer says is meant for this host, and now. $accept_older: a serial, or any.
believe_pointer() {
  [ "$says" = "$recipe" ] || refuse 11 recipe "the pointer is that of $says, and not of $recipe"
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  if is_before "$(date -u -d '+1 day' +%Y-%m-%dT%H:%M:%SZ)" "$issued"; then
    refuse 16 clock "the pointer was signed $issued, and here it is only $now: with such a clock nothing ever expires"
  fi
  # State: serial, snapshot, when it was signed.
  if [ -s "$state" ]; then
    read -r seen seen_snapshot seen_issued <"$state"
    case $seen in '' | *[!0-9]*) refuse 21 state "$state is not a file of this script" ;; esac
    if [ "$serial" -lt "$seen" ] && [ "$accept_older" != "$serial" ] && [ "$accept_older" != any ]; then
      refuse 13 older "the pointer with serial $serial (signed $issued, $snapshot) is older than serial $seen (signed $seen_issued, $seen_snapshot), which this host saw: the mirror went back. If you mean it: --accept-older${accept_older_serial:+ $serial}"
    fi
    if [ "$serial" -eq "$seen" ] && [ "$snapshot" != "$seen_snapshot" ]; then
      refuse 13 older "the pointer with serial $serial names $snapshot, and with the same serial this host saw $seen_snapshot"
    fi
  fi
  if is_before "$expires" "$now" && [ -z "$accept_expired" ]; then
    refuse 12 expired "the pointer with serial $serial (signed $issued) expired $expires, and now it is $now: the mirror stands still, or nobody renewed it. If you mean it: --accept-expired"
  fi
}

# Every address in the mirror list has to be that of the snapshot.
read_mirrorlist() {
  fetch "$base/mirrorlist" "$work/mirrorlist"
  awk -v id="$snapshot" '
    /^[ \t]*(#.*)?$/ {next}
    {n = split($0, part, "/"); count++}
    part[n] != "" || part[n - 1] != id || part[n - 2] != "snapshots" || $0 !~ /^(https?|ftp|file):\/\/[^ \t]*$/ {bad++}
    END {exit !(count > 0 && bad == 0)}' "$work/mirrorlist"
}

# take_pointer: read, believed, and as the mirror list says. Sets $place, the snapshot's address.
take_pointer() {
  read_pointer
  believe_pointer
  tries=1
  until read_mirrorlist; do
    # A publication in this very moment: the two files are written one after the other.
    [ $tries -lt 4 ] ||
      refuse 14 mirrorlist "$base/mirrorlist names $(sed -n 1p "$work/mirrorlist"), but the signed pointer names $snapshot"
    tries=$((tries + 1))
    sleep 1
    read_pointer
    believe_pointer
  done
  # yum and dnf go to the address in the mirror list, so that is what is looked at; in a directory there is only one.
  case $base in
    *://*) place=$(awk '!/^[ \t]*(#.*)?$/ {print; exit}' "$work/mirrorlist") ;;
    *) place=$base/snapshots/$snapshot/ ;;
  esac
}

# seen_line: what is remembered of the pointer.
seen_line() { printf '%s %s %s\n' "$serial" "${pointed:-$snapshot}" "$issued"; }

# remember_pointer: only when all was checked; what was not checked to its end was not seen.
remember_pointer() {
  dir=$(dirname "$state")
  if ! mkdir -p "$dir" || ! seen_line >"$state.new" || ! mv -f "$state.new" "$state"; then
    refuse 21 state "$state cannot be written"
  fi
}

# say_accepted: what was believed only because an option said so.
say_accepted() {
  if is_before "$expires" "$now"; then echo "$program: accepted: the pointer expired $expires" >&2; fi
  if [ -n "${seen:-}" ] && [ "$serial" -lt "$seen" ]; then
    echo "$program: accepted: serial $serial (signed $issued) after serial $seen (signed $seen_issued)" >&2
  fi
}

