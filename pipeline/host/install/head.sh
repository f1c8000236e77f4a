#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes a host a director or a backend: what the signed install manifest of a published recipe says, and nothing else. Keeps what it
# replaces, writes down each step before it is done, and can take all of it back. See docs/install.md.
#
# Needs sh, awk, sed, gpg, GNU date, sha256sum, rpm; curl or wget for addresses; yum or dnf for what packages require of the
# distribution. As old as those of CentOS 6 is enough.
# State  /var/lib/fullnat-factory/install/, log /var/log/fullnat-factory.log
# Exit   0 done, or nothing to do                                       2 plan: something would change
#        1 verify: a check failed                                       3 rollback: done, but what it names was left
#        10-16, 20, 21, 64, 69: as check-repository.sh
#        30 platform   not the manifest's distribution or architecture  38 busy      another install.sh is running
#        31 space      not enough of it in /boot                        39 damaged   the state directory is not as it was left
#        32 pair       not the pair that the fleet file names           40 boot      no boot loader that is known, or not as needed
#        33 older      an older snapshot than is installed              41 requires  packages need what this host cannot get
#        34 manifest   of another role or recipe, or of unknown form    42 running   the kernel to be removed is the running one
#        35 package    not the bytes or not the key of the manifest     43 nothing   nothing was installed here
#        36 key        not the key of the fingerprint                   44 failed    a step failed: apply again, or rollback
#        37 root       not started by root
# shellcheck disable=SC2034,SC2154 # variables of the other parts: see scripts.ts
set -u
LC_ALL=C
export LC_ALL
umask 022
program=install
# Fields of a line are separated by this: it is no blank, so that empty fields stay.
us=$(printf '\037')

usage() {
  cat >&2 <<'USAGE'
usage: install.sh COMMAND [options] [BASE]
  plan       what would change; changes nothing (exit 0: nothing would, 2: something would)
  apply      does it; boots nothing: at the next reboot the new kernel is tried once
  verify     runs the checks; all green under the new kernel: makes it the default
  rollback   back to what was before the first apply
  status     what is installed, and the state of booting
Options of plan and apply; what is not given is as it was the last time:
  BASE                 address or directory of the published recipe: http://host:8080/lts, /media/usb/lts
  --role ROLE          director or backend
  --key FILE           public key that may sign (repeatable)
  --fingerprint HEX    only this key counts, 40 digits (repeatable); without --key it is fetched from BASE
  --recipe NAME        recipe that it has to be (default: the last part of BASE)
  --snapshot ID        this snapshot, and not the current one
  --accept-older       believe a pointer or a snapshot older than what this host saw
  --accept-expired     believe an expired pointer this once
  --fleet FILE         a file with the line "pair ID": refuse any other
  --keep NAME          do not remove this package (repeatable)
  --try-again          apply: try the new kernel again after it fell back
Options of all:
  --root DIR           work on the system in DIR: starts nothing, loads nothing
USAGE
  exit 64
}

read_options() {
  command=''
  base='' role='' recipe='' keys='' fingerprints='' wanted_snapshot='' fleet='' kept_names='' root=''
  accept_expired='' accept_older='' accept_older_serial='' try_again=''
  while [ $# -gt 0 ]; do
    case $1 in
      --accept-expired) accept_expired=yes ;;
      --accept-older) accept_older=any ;;
      --try-again) try_again=yes ;;
      --yes) ;;
      --role | --key | --fingerprint | --recipe | --snapshot | --fleet | --keep | --root)
        [ $# -ge 2 ] || usage
        case $2 in '' | *"
"*) usage ;; esac
        read_option "$1" "$2"
        shift
        ;;
      -*) usage ;;
      *) if [ -z "$command" ]; then command=$1; elif [ -z "$base" ]; then base=${1%/}; else usage; fi ;;
    esac
    shift
  done
  case $command in plan | apply | verify | rollback | status) ;; *) usage ;; esac
}

read_option() { # OPTION VALUE
  case $1 in
    --role)
      case $2 in director | backend) role=$2 ;; *) usage ;; esac
      ;;
    --key) keys="$keys$2
" ;;
    --fingerprint) add_fingerprint "$2" || usage ;;
    --recipe) recipe=$2 ;;
    --snapshot)
      case $2 in .* | *[!0-9A-Za-z._-]*) usage ;; esac
      wanted_snapshot=$2
      ;;
    --fleet) fleet=$2 ;;
    --keep)
      case $2 in *[!0-9A-Za-z._+-]*) usage ;; esac
      kept_names="$kept_names $2"
      ;;
    --root)
      [ -d "$2" ] || refuse 64 usage "--root $2 is no directory"
      root=$(cd "$2" && pwd -P)
      [ "$root" != / ] || root=''
      ;;
  esac
}

