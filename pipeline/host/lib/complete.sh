#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154 # variables of the other parts
#
# check-repository.sh --complete: every file of the snapshot, and every signature.

check_complete() {
  sed -n 's/^\([0-9a-f]\{64\}\)  \(.*\)$/\1 \2/p' "$work/SHA256SUMS" >"$work/list"
  [ "$(wc -l <"$work/list")" -eq "$(wc -l <"$work/SHA256SUMS")" ] ||
    refuse 15 snapshot "${place}SHA256SUMS has a line that is none of its form"
  enveloped=''
  while read -r want path; do
    case /$path/ in *//* | */../* | */./*) refuse 15 snapshot "${place}SHA256SUMS names $path" ;; esac
    check_file "$path" "$want"
    case $path in
      repodata/repomd.xml | sbom.cdx.json | install/*.json | install/install.sh) check_signed "$path" ;;
      provenance.json) cp "$work/file" "$work/provenance.json" && enveloped=yes ;;
    esac
  done <"$work/list"
  [ -z "$enveloped" ] || check_envelope
}

# DSSE: the signature is over type and text. One line of JSON in the one form that the factory writes.
check_envelope() {
  fetch "${place}provenance.intoto.jsonl" "$work/envelope" 67108864
  envelope 1 | base64 -d >"$work/payload" 2>/dev/null
  envelope 3 | base64 -d >"$work/payload.sig" 2>/dev/null
  type=$(envelope 2)
  {
    printf 'DSSEv1 %d %s %d ' ${#type} "$type" "$(wc -c <"$work/payload")"
    cat "$work/payload"
  } >"$work/encoding"
  if ! cmp -s "$work/payload" "$work/provenance.json" || ! signer "$work/payload.sig" "$work/encoding" >/dev/null; then
    refuse 15 snapshot "${place}provenance.intoto.jsonl is not the signed form of provenance.json"
  fi
}
envelope() { sed -n 's/^{"payload":"\([^"]*\)","payloadType":"\([^"]*\)","signatures":\[{"keyid":"[0-9A-F]\{40\}","sig":"\([^"]*\)"}\]}$/'"\\$1/p" "$work/envelope"; }

