#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Verifies the signature of a source package before anything of it is unpacked. Only keys count whose fingerprint is given.
#
# Settings  FINGERPRINTS  40 upper-case hexadecimal digits each, separated by spaces: keys that may have signed it
# Inputs    /in/srpm/<one>.src.rpm
#           /in/keys/*  candidate key files, armored or binary; each may hold several keys, and nothing in them is trusted
# Outputs   /out/signature.json  {"schema":1,"file":...,"fingerprint":...,"algorithms":["RSA/SHA256"]}
# Facts     signature_fingerprint=, signature=<line of rpmkeys>
# Exit      10 srpm-unsigned, 11 srpm-untrusted-key, 12 srpm-damaged, 13 key-missing, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

read -r -a fingerprints <<<"${FINGERPRINTS:-}"
[ ${#fingerprints[@]} -gt 0 ] || die 64 step-usage "FINGERPRINTS is not set"
for fingerprint in "${fingerprints[@]}"; do
  [[ $fingerprint =~ ^[0-9A-F]{40}$ ]] || die 64 step-usage "not a fingerprint: $fingerprint"
done
srpm=$(only_file /in/srpm '*.src.rpm')
name=${srpm##*/}
command -v rpmkeys >/dev/null || die 64 step-usage "this image has no rpmkeys (rpm 4.9 or newer): it cannot verify packages apart from its own database"
case $name in *[!A-Za-z0-9._+~^-]*) die 64 step-usage "odd name of a package: $name" ;; esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/keys"

# primaries: the fingerprints of the primary keys in a listing of gpg.
primaries() {
  awk -F: '$1 == "pub" {wanted = 1} $1 == "fpr" && wanted {print $10; wanted = 0}'
}

# Only the wanted keys leave a candidate file, and each file has a key ring of its own: a hostile one spoils only itself.
seen=
for file in /in/keys/*; do
  [ -f "$file" ] || continue
  ring=$(mktemp -d "$work/ring.XXXXXX")
  gpg=(gpg --homedir "$ring" --batch --no-tty --no-autostart)
  # gpg fails also when it could take only some of the keys; what it took is looked at below.
  "${gpg[@]}" --import "$file" 2>"$ring/log" </dev/null || true
  held=$("${gpg[@]}" --with-colons --list-keys 2>>"$ring/log" | primaries)
  held=${held//$'\n'/ }
  seen="$seen${seen:+; }${file##*/}: ${held:-$(grep -v -E 'keybox|trustdb' "$ring/log" | head -n 1 || true)}"
  for fingerprint in "${fingerprints[@]}"; do
    case " $held " in *" $fingerprint "*) ;; *) continue ;; esac
    [ ! -e "$work/keys/$fingerprint" ] || continue
    "${gpg[@]}" --armor --export "$fingerprint" >"$ring/key" 2>>"$ring/log"
    # A fingerprint also selects keys that claim it for a subkey of theirs.
    if [ "$("${gpg[@]}" --with-colons --show-keys "$ring/key" 2>>"$ring/log" | primaries)" = "$fingerprint" ]; then
      mv "$ring/key" "$work/keys/$fingerprint"
    fi
  done
done
found=("$work"/keys/*)
[ -e "${found[0]}" ] || die 13 key-missing "no key file holds ${fingerprints[*]}; there is ${seen:-no key file at all}"

# Every key has a database of its own, so whose signature it is needs no guess from a short key id.
# Lines of rpmkeys: "Header V4 RSA/SHA256 Signature, key ID 12345678: OK" (covers the header), the same without "Header"
# (covers header and payload), "Payload SHA256 digest: OK" (the digest stands in the header), "MD5 digest: OK" (it does not).
strong='V[0-9]+ [A-Za-z0-9]+/SHA[0-9]+ Signature, key ID [0-9a-f]+: OK$'
reason=
for key in "${found[@]}"; do
  fingerprint=${key##*/}
  db=$work/db.$fingerprint
  mkdir "$db"
  rpmkeys --dbpath "$db" --import "$key" || die 13 key-missing "rpmkeys cannot take the key $fingerprint"
  code=0
  rpmkeys --dbpath "$db" --define '_pkgverify_level all' --define '_pkgverify_flags 0x0' --checksig --verbose "$srpm" \
    >"$work/lines" 2>&1 </dev/null || code=$?
  echo "With the key $fingerprint:"
  sed "s#$srpm#$name#" "$work/lines"
  sed -n -E 's/^ +//; / (Signature|signature|digest)[,:]/p' "$work/lines" | grep -v ': NOTFOUND$' >"$work/checks" || true
  signatures=$(grep -E ' Signature, ' "$work/checks" || true)
  bad=$(grep -E ': BAD' "$work/checks" | head -n 1 || true)

  if [ -n "$bad" ]; then
    die 12 srpm-damaged "$name: $bad"
  elif ! grep -E 'digest: OK$' "$work/checks" >/dev/null; then
    die 12 srpm-damaged "$name is no readable package: $(grep -v -F "$name:" "$work/lines" | head -n 1 | sed "s#$srpm#$name#")"
  elif [ -z "$signatures" ]; then
    die 10 srpm-unsigned "$name carries no signature"
  elif grep -E ': NOKEY$' "$work/checks" >/dev/null; then
    continue
  fi
  # This key signed it; does that cover all, and can it be relied on?
  whole=$(grep -E "^$strong" "$work/checks" | head -n 1 || true)
  header=$(grep -E "^Header $strong" "$work/checks" | head -n 1 || true)
  payload=$(grep -E '^Payload SHA[0-9]+ (ALT )?digest: OK$' "$work/checks" | head -n 1 || true)
  if [ -z "$whole" ] && [ -z "$header" ]; then
    reason="its signature uses a digest that is no longer worth anything: ${signatures//$'\n'/; }"
  elif [ -z "$whole" ] && [ -z "$payload" ]; then
    reason="its signature covers the header only, and no digest in there covers the payload"
  elif [ $code -ne 0 ] || grep -v ': OK$' "$work/checks" >/dev/null; then
    reason="rpmkeys does not accept it: $(grep -v ': OK$' "$work/checks" | some)"
  else
    line=${whole:-$header}
    algorithms=$(grep -E "^(Header )?$strong" "$work/checks" | sed -E 's/.*V[0-9]+ ([^ ]+) Signature.*/"\1"/' | sort -u | paste -s -d , -)
    printf '{"schema":1,"file":"%s","fingerprint":"%s","algorithms":[%s]}\n' "$name" "$fingerprint" "$algorithms" >/out/signature.json
    echo "@@factory signature_fingerprint=$fingerprint"
    echo "@@factory signature=${line%: OK}"
    exit 0
  fi
done
[ -z "$reason" ] || die 10 srpm-unsigned "$name: $reason"
ids=$(sed -n -E 's/.* Signature, key ID ([0-9a-f]+): .*/\1/p' "$work/checks" | sort -u | some)
die 11 srpm-untrusted-key "$name is signed with key ID $ids; allowed are ${fingerprints[*]} (key files: $seen)"
