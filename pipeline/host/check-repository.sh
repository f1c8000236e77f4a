#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Checks on a host what a repository says is current, before yum or dnf believes it: signed by the key that this host knows, not
# expired (a mirror that stands still), not older than what this host saw before (a mirror that went back), and the same as what
# the mirror list names. See docs/hosts.md.
#
# Needs sh, awk, sed, gpg, date, and sha256sum; curl for addresses. As old as those of CentOS 6 is enough.
# Reads  BASE/pointer.asc, BASE/mirrorlist, and of the snapshot SHA256SUMS with its signature and repodata/repomd.xml
# Exit   0 all is well
#        10 signature  no pointer or sums that a known key signed     14 mirrorlist  names another snapshot
#        11 recipe     a pointer of another recipe                    15 snapshot    its sums, index or files are not its own
#        12 expired    nobody renewed it: the mirror stands still     16 clock       this host's clock is behind
#        13 older      this host saw a newer one: it went back        20 unreachable, 21 state
#        64 called wrongly, 69 a program is missing
set -u
LC_ALL=C
export LC_ALL
umask 077

usage() {
  cat >&2 <<'USAGE'
usage: check-repository.sh --key FILE [options] BASE
  BASE                     address or directory of the published recipe: http://host:8080/lts
  --key FILE               public key that may sign (repeatable)
  --fingerprint HEX        only this key counts, 40 digits; whatever --key holds (repeatable)
  --recipe NAME            recipe that it has to be (default: the last part of BASE)
  --state FILE             what this host saw (default: /var/lib/fullnat-factory/<recipe>.seen)
  --accept-expired         believe an expired pointer this once
  --accept-older SERIAL    believe the pointer with this serial though a newer one was seen, and forget the newer one
  --complete               fetch and check every file of the snapshot as well
USAGE
  exit 64
}

refuse() { # STATUS KIND WORDS...
  status=$1
  kind=$2
  shift 2
  echo "check-repository: $kind: $*" >&2
  exit "$status"
}

base=''
recipe=''
state=''
keys=''
fingerprints=''
accept_expired=''
accept_older=''
complete=''
# One path per line, so that blanks in it are no matter.
while [ $# -gt 0 ]; do
  case $1 in
    --accept-expired) accept_expired=yes ;;
    --complete) complete=yes ;;
    --key | --fingerprint | --recipe | --state | --accept-older)
      [ $# -ge 2 ] || usage
      case $1 in
        --key) keys="$keys$2
" ;;
        --fingerprint)
          pinned=$(printf '%s' "$2" | tr -d ' ' | tr a-f A-F)
          case $pinned in *[!0-9A-F]* | '') usage ;; esac
          [ ${#pinned} -eq 40 ] || usage
          fingerprints="$fingerprints $pinned"
          ;;
        --recipe) recipe=$2 ;;
        --state) state=$2 ;;
        --accept-older)
          case $2 in '' | *[!0-9]*) usage ;; esac
          accept_older=$2
          ;;
      esac
      shift
      ;;
    -*) usage ;;
    *)
      [ -z "$base" ] || usage
      base=${1%/}
      ;;
  esac
  shift
done
if [ -z "$base" ] || [ -z "$keys" ]; then usage; fi
[ -n "$recipe" ] || recipe=${base##*/}
case $recipe in '' | *[!0-9A-Za-z._-]*) usage ;; esac
[ -n "$state" ] || state=/var/lib/fullnat-factory/$recipe.seen

case $base in *://*) programs='curl' ;; *) programs='' ;; esac
for program in awk sed gpg date sha256sum $programs; do
  command -v "$program" >/dev/null 2>&1 || refuse 69 missing "this host has no $program"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/check-repository.XXXXXX") || exit 69
trap 'gpgconf --homedir "$work/gnupg" --kill all >/dev/null 2>&1; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

# fetch PLACE FILE [BYTES]: at most so many bytes (a mebibyte), and not for ever.
fetch() {
  mkdir -p "$(dirname "$2")"
  case $1 in
    *://*)
      curl --fail --silent --show-error --location --connect-timeout 20 --max-time 3600 --speed-limit 100 --speed-time 60 \
        --max-filesize "${3:-1048576}" --output "$2" "$1" 2>"$work/curl" ||
        refuse 20 unreachable "$1: $(tail -n 1 "$work/curl")"
      ;;
    *) cat "$1" >"$2" 2>/dev/null || refuse 20 unreachable "$1: cannot be read" ;;
  esac
}

# The keys that may sign, in a directory of this run's own: what else the host trusts does not count here.
mkdir "$work/gnupg"
quiet_gpg() { gpg --homedir "$work/gnupg" --batch --no-tty --quiet --trust-model always --no-auto-key-locate "$@"; }
printf '%s' "$keys" >"$work/keys"
while IFS= read -r key; do
  [ -r "$key" ] || refuse 64 usage "--key $key cannot be read"
  quiet_gpg --import "$key" >/dev/null 2>&1 || refuse 64 usage "--key $key is no public key"
done <"$work/keys"

# signer FILE...: fingerprint of the key that signed (of its primary key), when a key that counts did, over all of the file.
signer() {
  quiet_gpg --status-fd 1 --verify "$@" >"$work/status" 2>/dev/null || return 1
  [ "$(grep -c '^\[GNUPG:\] GOODSIG ' "$work/status")" -eq 1 ] || return 1
  [ "$(grep -c '^\[GNUPG:\] VALIDSIG ' "$work/status")" -eq 1 ] || return 1
  found=$(awk '$2 == "VALIDSIG" {print (NF >= 12 ? $12 : $3)}' "$work/status")
  if [ -n "$fingerprints" ]; then
    case "$fingerprints " in *" $found "*) ;; *) return 1 ;; esac
  fi
  echo "$found"
}

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

# What the pointer says is meant for this host, and now.
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
    if [ "$serial" -lt "$seen" ] && [ "$accept_older" != "$serial" ]; then
      refuse 13 older "the pointer with serial $serial (signed $issued, $snapshot) is older than serial $seen (signed $seen_issued, $seen_snapshot), which this host saw: the mirror went back. If you mean it: --accept-older $serial"
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
fetch "${place}SHA256SUMS" "$work/SHA256SUMS"
fetch "${place}SHA256SUMS.asc" "$work/SHA256SUMS.asc"
digest=$(sha256sum <"$work/SHA256SUMS")
content=${snapshot##*-}
case $digest in
  "$content"*) ;;
  *) refuse 15 snapshot "${place}SHA256SUMS is not that of $snapshot" ;;
esac
[ ${#content} -eq 12 ] || refuse 15 snapshot "$snapshot is no name of a snapshot"
signer "$work/SHA256SUMS.asc" "$work/SHA256SUMS" >/dev/null ||
  refuse 15 snapshot "${place}SHA256SUMS was not signed by a key that this host knows"

# check_file PATH WANT
check_file() {
  fetch "$place$1" "$work/file" 4294967296
  got=$(sha256sum <"$work/file")
  [ "${got%% *}" = "$2" ] || refuse 15 snapshot "$place$1 has other bytes than SHA256SUMS says"
}
index=$(awk '$2 == "repodata/repomd.xml" {print $1}' "$work/SHA256SUMS")
[ -n "$index" ] || refuse 15 snapshot "${place}SHA256SUMS names no repodata/repomd.xml"
check_file repodata/repomd.xml "$index"

if [ -n "$complete" ]; then
  sed -n 's/^\([0-9a-f]\{64\}\)  \(.*\)$/\1 \2/p' "$work/SHA256SUMS" >"$work/list"
  [ "$(wc -l <"$work/list")" -eq "$(wc -l <"$work/SHA256SUMS")" ] ||
    refuse 15 snapshot "${place}SHA256SUMS has a line that is none of its form"
  signed=''
  while read -r want path; do
    case /$path/ in *//* | */../* | */./*) refuse 15 snapshot "${place}SHA256SUMS names $path" ;; esac
    check_file "$path" "$want"
    case $path in repodata/repomd.xml | sbom.cdx.json)
      cat "$work/file" >"$work/signed"
      fetch "$place$path.asc" "$work/signed.asc"
      signer "$work/signed.asc" "$work/signed" >/dev/null ||
        refuse 15 snapshot "$place$path.asc was not made by a key that this host knows"
      ;;
    provenance.json) cat "$work/file" >"$work/provenance.json" && signed=yes ;;
    esac
  done <"$work/list"
  if [ -n "$signed" ]; then
    # DSSE: the signature is over type and text. One line of JSON in the one form that the factory writes.
    fetch "${place}provenance.intoto.jsonl" "$work/envelope" 67108864
    part() { sed -n 's/^{"payload":"\([^"]*\)","payloadType":"\([^"]*\)","signatures":\[{"keyid":"[0-9A-F]\{40\}","sig":"\([^"]*\)"}\]}$/'"\\$1/p" "$work/envelope"; }
    part 1 | base64 -d >"$work/payload" 2>/dev/null
    part 3 | base64 -d >"$work/payload.sig" 2>/dev/null
    type=$(part 2)
    {
      printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$(wc -c <"$work/payload")"
      cat "$work/payload"
    } >"$work/encoding"
    if ! cmp -s "$work/payload" "$work/provenance.json" || ! signer "$work/payload.sig" "$work/encoding" >/dev/null; then
      refuse 15 snapshot "${place}provenance.intoto.jsonl is not the signed form of provenance.json"
    fi
  fi
fi

# Only now: what was not checked to its end was not seen.
dir=$(dirname "$state")
if ! mkdir -p "$dir" || ! printf '%s %s %s\n' "$serial" "$snapshot" "$issued" >"$state.new" || ! mv -f "$state.new" "$state"; then
  refuse 21 state "$state cannot be written"
fi
if is_before "$expires" "$now"; then echo "check-repository: accepted: the pointer expired $expires" >&2; fi
if [ -n "${seen:-}" ] && [ "$serial" -lt "$seen" ]; then
  echo "check-repository: accepted: serial $serial (signed $issued) after serial $seen (signed $seen_issued)" >&2
fi
echo "check-repository: $recipe is at $snapshot since $published, good until $expires (serial $serial, signed by $by)"
