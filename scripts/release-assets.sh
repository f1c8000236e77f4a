#!/usr/bin/env bash
# Collects what a release offers: release-assets.sh TREE TAR OUT
#
# TREE is a published repository (artifacts/repository/<recipe>), TAR the same as one file, OUT a directory that must not exist.
# Refuses what a demo key signed: nobody could tell it from anybody else's.
set -euo pipefail
[ $# = 3 ] || { echo "release-assets: TREE TAR OUT" >&2; exit 2; }
tree=$1 tar=$2 out=$3
[ -f "$tree/current" ] || { echo "release-assets: $tree/current is missing: nothing is published there" >&2; exit 2; }
[ ! -e "$out" ] || { echo "release-assets: $out is there already" >&2; exit 2; }
snapshot=$tree/snapshots/$(<"$tree/current")
demo=$(node -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).demoKey' "$snapshot/manifest.json")
if [ "$demo" != false ]; then
  echo "release-assets: signed with a demo key; set the secrets FACTORY_SIGNING_KEY and FACTORY_SIGNING_PASSPHRASE (docs/github.md)" >&2
  exit 2
fi

work=$out.part
rm -rf "$work"
mkdir -p "$work"
cp "$snapshot"/RPMS/*.rpm "$snapshot"/SRPMS/*.rpm "$work/"
cp "$tree/RPM-GPG-KEY-factory" "$tree/pointer.asc" "$tar" "$work/"
for file in SHA256SUMS SHA256SUMS.asc manifest.json pair.json provenance.intoto.jsonl provenance.json sbom.cdx.json sbom.cdx.json.asc; do
  if [ -e "$snapshot/$file" ]; then cp "$snapshot/$file" "$work/"; fi
done
for directory in evidence install; do
  if [ -d "$snapshot/$directory" ]; then
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$snapshot" -cf - "$directory" | gzip -n9 >"$work/$directory.tar.gz"
  fi
done
# A limit of the platform: each file of a release must be smaller than 2 GiB.
large=$(find "$work" -type f -size +2047M)
[ -z "$large" ] || { echo "release-assets: too large for a release: $large" >&2; exit 2; }
sums=$(cd "$work" && find . -type f -printf '%f\n' | LC_ALL=C sort | xargs -d '\n' sha256sum)
printf '%s\n' "$sums" >"$work/sha256sums.txt"
mv "$work" "$out"
echo "$(find "$out" -type f | wc -l) files in $out"
