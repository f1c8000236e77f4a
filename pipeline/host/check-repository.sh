#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Checks on a host what a repository says is current, before yum or dnf believes it: signed by the key that this host knows, not
# expired (a mirror that stands still), not older than what this host saw before (a mirror that went back), and the same as what
# the mirror list names. See docs/hosts.md.
#
# Needs sh, awk, sed, gpg, date, and sha256sum; curl or wget for addresses. As old as those of CentOS 6 is enough.
# Reads  BASE/pointer.asc, BASE/mirrorlist, and of the snapshot SHA256SUMS with its signature and repodata/repomd.xml
# Exit   0 all is well
#        10 signature  no pointer or sums that a known key signed     14 mirrorlist  names another snapshot
#        11 recipe     a pointer of another recipe                    15 snapshot    its sums, index or files are not its own
#        12 expired    nobody renewed it: the mirror stands still     16 clock       this host's clock is behind
#        13 older      this host saw a newer one: it went back        20 unreachable, 21 state
#        64 called wrongly, 69 a program is missing
# shellcheck disable=SC2034,SC2154 # variables of the other parts: see scripts.ts
set -u
LC_ALL=C
export LC_ALL
umask 077
program=check-repository

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

read_options() {
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
          --fingerprint) add_fingerprint "$2" || usage ;;
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
}

