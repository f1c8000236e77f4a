#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# The keys that may sign, in a directory of this run's own: what else the host trusts does not count here.

# add_fingerprint HEX: 40 digits, blanks and case are no matter.
add_fingerprint() {
  pinned=$(printf '%s' "$1" | tr -d ' ' | tr a-f A-F)
  case $pinned in *[!0-9A-F]* | '') return 1 ;; esac
  [ ${#pinned} -eq 40 ] || return 1
  case "$fingerprints " in *" $pinned "*) ;; *) fingerprints="$fingerprints $pinned" ;; esac
}

quiet_gpg() { gpg --homedir "$work/gnupg" --batch --no-tty --quiet --trust-model always --no-auto-key-locate "$@"; }

# import_key FILE: judged by what gpg says: where it has no agent it ends with an error though the key came in.
import_key() { quiet_gpg --status-fd 1 --import "$1" 2>/dev/null | grep '^\[GNUPG:\] IMPORT_OK ' >/dev/null; }

# make_keyring: out of $keys, one file per line.
make_keyring() {
  mkdir -m 700 "$work/gnupg"
  printf '%s' "$keys" >"$work/keys"
  while IFS= read -r key; do
    [ -r "$key" ] || refuse 64 usage "--key $key cannot be read"
    import_key "$key" || refuse 64 usage "--key $key is no public key"
  done <"$work/keys"
}

# has_key FINGERPRINT: as a primary key.
has_key() {
  quiet_gpg --with-colons --fingerprint "$1" 2>/dev/null |
    awk -F: -v want="$1" '$1 == "pub" {next_is = 1} $1 == "fpr" && next_is {next_is = 0; if ($10 == want) found = 1} END {exit !found}'
}

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

