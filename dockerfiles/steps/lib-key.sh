#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# How step scripts get a secret key and use it; sourced by them, after lib.sh. Everything lies in memory (/dev/shm) until the
# step ends; no secret is on a command line, in the environment or in the output.

# Where the restricted socket of the user's gpg-agent is, in a container that has it.
agent=/run/factory-signing-agent

# take_key: reads standard input: one line with the passphrase (empty for none), then one armored secret key; the public key
# where the user's agent has the secret and keeps it. Sets
#   memory       a directory of this step's own; public.asc and public.gpg in it are the public key
#   fingerprint  of the primary key, which alone signs: rpm of EL6 knows nothing of subkeys
#   unlock       the options with which gpg gets at the secret
#   signing      the options with which gpg signs
# and makes a first signature, so that a key that cannot sign is one clear error before anything is done.
# Exit  10 key-unusable, wrong-passphrase.
take_key() {
  local passphrase records validity length algorithm
  memory=$(mktemp -d /dev/shm/key.XXXXXX)
  export GNUPGHOME=$memory/gnupg
  mkdir -m 700 "$GNUPGHOME"
  IFS= read -r passphrase || die 10 key-unusable "standard input ends before the key"
  if [ -S "$agent" ]; then
    # Never kill this agent: it is the user's.
    trap 'rm -rf "$memory"' EXIT
    printf '%%Assuan%%\nsocket=%s\n' "$agent" >"$GNUPGHOME/S.gpg-agent"
    unlock=()
    echo "signing with your gpg-agent, which may ask you for the passphrase"
  else
    trap 'gpgconf --kill all 2>/dev/null || true; rm -rf "$memory"' EXIT
    # How the agent guards its own copy, which never leaves memory. By itself it would take a tenth of a second for every use.
    echo 's2k-count 65536' >"$GNUPGHOME/gpg-agent.conf"
    # printf is the shell's own: no process shows its arguments.
    (umask 077 && printf '%s\n' "$passphrase" >"$memory/passphrase")
    unlock=(--pinentry-mode loopback --passphrase-file "$memory/passphrase")
  fi
  gpg --batch --quiet --import 2>"$memory/import.log" || die 10 key-unusable "gpg cannot import it: $(tail -n 1 "$memory/import.log")"
  records=$(gpg --batch --with-colons --list-secret-keys 2>/dev/null)
  fingerprint=$(awk -F: '$1 == "fpr" && !seen++ {print $10}' <<<"$records")
  if [ ${#fingerprint} -ne 40 ]; then
    [ ! -S "$agent" ] || die 10 key-unusable "the gpg-agent does not answer, or has not the secret of this key"
    die 10 key-unusable "standard input holds no secret key"
  fi
  [ "$(grep -c '^sec' <<<"$records")" -eq 1 ] || die 10 key-unusable "standard input holds more than one secret key"
  IFS=: read -r _ validity length algorithm _ < <(grep '^sec' <<<"$records")
  case $validity in
    e) die 10 key-unusable "$fingerprint has expired" ;;
    r) die 10 key-unusable "$fingerprint was revoked" ;;
  esac
  if [ "$algorithm" != 1 ] || [ "$length" -lt 2048 ]; then
    die 10 key-unusable "$fingerprint is no RSA key of at least 2048 bits, and rpm of EL6 knows no others"
  fi
  gpg --batch --armor --export "$fingerprint" >"$memory/public.asc"
  gpg --batch --export "$fingerprint" >"$memory/public.gpg"
  signing=(--batch --no-tty "${unlock[@]}" --digest-algo SHA256 --local-user "$fingerprint!")

  printf '%s\n' 'a first signature' >"$memory/trial"
  if ! gpg "${signing[@]}" --detach-sign --output "$memory/trial.sig" "$memory/trial" 2>"$memory/trial.log" </dev/null; then
    if [ ! -S "$agent" ] && grep -qi 'passphrase' "$memory/trial.log"; then
      if [ -z "$passphrase" ]; then
        die 10 wrong-passphrase "$fingerprint is protected by a passphrase, and none was given"
      fi
      die 10 wrong-passphrase "the passphrase that was given is not that of $fingerprint"
    fi
    die 10 key-unusable "$fingerprint does not sign: $(grep -v 'skipped' "$memory/trial.log" | tail -n 1)"
  fi
  is_signed "$memory/trial.sig" "$memory/trial" || die 10 key-unusable "signatures of $fingerprint do not verify"
  echo "@@factory fingerprint=$fingerprint"
}

# is_signed SIGNATURE [FILE]: whether gpgv, with nothing but the public key, says that our key made it. A clear-signed text is
# signature and file in one.
is_signed() {
  local status
  status=$(gpgv --keyring "$memory/public.gpg" --status-fd 1 "$@" 2>/dev/null) || return 1
  grep -q "^\[GNUPG:\] VALIDSIG $fingerprint " <<<"$status"
}
