#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# Trust, from the key to the manifest: see docs/manifest.md for the chain.

# take_keys: those given; with only a fingerprint, the repository's own key if it is that one.
take_keys() {
  if [ -z "$keys" ]; then
    [ -n "$fingerprints" ] || refuse 64 usage "--key FILE or --fingerprint HEX is needed: whom is this host to believe?"
    fetch "$base/RPM-GPG-KEY-factory" "$work/fetched-key"
    mkdir -m 700 "$work/gnupg"
    import_key "$work/fetched-key" || refuse 36 key "$base/RPM-GPG-KEY-factory is no public key"
  else
    make_keyring
  fi
  [ -n "$fingerprints" ] || return 0
  for wanted_key in $fingerprints; do
    ! has_key "$wanted_key" || return 0
  done
  refuse 36 key "no key with the fingerprint$fingerprints in ${keys:-$base/RPM-GPG-KEY-factory}: ask whoever runs the factory which is right"
}

# take_snapshot: the current one, or the one that was asked for; at $place, with its sums.
take_snapshot() {
  take_pointer
  pointed=$snapshot
  if [ -n "$wanted_snapshot" ] && [ "$wanted_snapshot" != "$snapshot" ]; then
    place=${place%/"$snapshot"/}/$wanted_snapshot/
    snapshot=$wanted_snapshot
  fi
  take_sums
  before=$(journaled applied | tail -n 1)
  before=${before%% *}
  # The names begin with the time.
  if [ -n "$before" ] && is_before "${snapshot%%-*}" "${before%%-*}" && [ -z "$accept_older" ]; then
    refuse 33 older "$snapshot is older than $before, which is installed here. If you mean it: --accept-older"
  fi
}

# take_manifest: of $role, into $work/manifest.json.
take_manifest() {
  [ -n "$role" ] || refuse 64 usage "--role director or --role backend is needed"
  wanted_sum=$(sum_of "install/$role.json")
  [ -n "$wanted_sum" ] || refuse 34 manifest "$snapshot of $recipe has no manifest for a $role"
  check_file "install/$role.json" "$wanted_sum"
  check_signed "install/$role.json"
  cp "$work/file" "$work/manifest.json"
  read_manifest "$work/manifest.json" "${place}install/$role.json"
  [ "$(m role)" = "$role" ] || refuse 34 manifest "install/$role.json is that of role $(m role)"
  [ "$(m recipe)" = "$recipe" ] || refuse 34 manifest "install/$role.json is that of recipe $(m recipe), and not of $recipe"
  if [ -n "$installed" ] && [ "$(installed_role)" != "$role $recipe" ] && [ -n "$(installed_role)" ]; then
    refuse 34 manifest "this host is $(installed_role), and not $role $recipe: rollback first"
  fi
}
installed_role() { journaled begin | tail -n 1 | cut -d ' ' -f 1-2; }

# take_file PATH SHA256 SIZE TO: of the snapshot, as the manifest says.
take_file() {
  take_place=$place$1
  rm -f "$4"
  try_fetch "$take_place" "$4.part" 4294967296 || refuse 20 unreachable "$take_place: $fetch_error"
  [ "$(wc -c <"$4.part")" -eq "$3" ] || refuse 35 package "$take_place has $(wc -c <"$4.part" | tr -d ' ') bytes, and its manifest says $3: fetch again, or look at the mirror"
  take_sum=$(sha256sum <"$4.part")
  [ "${take_sum%% *}" = "$2" ] || refuse 35 package "$take_place has other bytes than its manifest says: look at the mirror"
  mv "$4.part" "$4"
}

# take_files: what the manifest names besides packages, into $work/files.
take_files() {
  mkdir -p "$work/files"
  rows files source sha256 size >"$work/file-rows"
  while IFS=$us read -r file_source file_sum file_size _; do
    take_file "$file_source" "$file_sum" "$file_size" "$work/files/$(encoded "$file_source")"
  done <"$work/file-rows"
  take_file "$(m kernel.devices.file)" "$(m kernel.devices.sha256)" "$(m kernel.devices.size)" "$work/devices"
  # The script itself, so that verify and rollback are at hand later.
  own_sum=$(sum_of install/install.sh)
  if [ -n "$own_sum" ]; then
    check_file install/install.sh "$own_sum"
    cp "$work/file" "$work/install.sh"
  fi
}

