#!/usr/bin/env bash
# The bare alternative of the benchmark: what somebody would type to rebuild a kernel SRPM in the builder image, with the same
# compiler cache, tmpfs, job count and settings, and without anything of the factory around it. The packages must come out with
# the same bytes, or the comparison is not one. Prints their sha256.
#
#   by-hand.sh IMAGE SRPM CCACHE_VOLUME EPOCH DIST JOBS TMPFS_BYTES
set -euo pipefail
image=$1 srpm=$2 ccache=$3 epoch=$4 dist=$5 jobs=$6 size=$7
# shellcheck disable=SC2016 # expanded by the shell in the container
typed='
  set -e
  umask 022
  export PATH=/usr/lib/ccache:$PATH
  export KBUILD_BUILD_TIMESTAMP="$(date -u -d "@$SOURCE_DATE_EPOCH" "+%a %b %e %H:%M:%S UTC %Y")"
  top=/build/rpmbuild
  mkdir -p $top/BUILD $top/BUILDROOT $top/RPMS $top/SOURCES $top/SPECS $top/SRPMS
  cd $top/SOURCES
  rpm2cpio /home/builder/in.src.rpm | cpio -idm --quiet
  mv *.spec $top/SPECS/
  rpmbuild -bb --nodeps --noclean --define "_topdir $top" --define "_builddir $top/BUILD" --define "_buildrootdir $top/BUILDROOT" \
    --define "_buildshell /bin/bash" --define "_buildhost builder" --define "use_source_date_epoch_as_buildtime 1" \
    --define "clamp_mtime_to_source_date_epoch 1" --define "_build_id_links none" --define "_binary_filedigest_algorithm 8" \
    --define "_binary_payload $PAYLOAD" --define "_smp_mflags -j$JOBS" --define "dist $DIST" $top/SPECS/*.spec
  mkdir /home/builder/out
  cp $top/RPMS/*/*.rpm /home/builder/out/'
payload=$(sed -n "s/.*then payload=\([^;]*\);.*/\1/p" "$(dirname "$0")/../../dockerfiles/steps/rebuild-srpm.sh")
id=$(docker create --network none --user 1000:1000 --hostname builder --cap-drop ALL \
  --tmpfs "/build:exec,size=$size,uid=1000" -v "$ccache:/ccache" \
  -e HOME=/home/builder -e CCACHE_DIR=/ccache -e CCACHE_COMPILERCHECK=content -e CCACHE_BASEDIR=/build -e CCACHE_MAXSIZE=2G \
  -e SOURCE_DATE_EPOCH="$epoch" -e LC_ALL=C -e TZ=UTC -e PERL_HASH_SEED=0 -e PYTHONHASHSEED=0 \
  -e KBUILD_BUILD_USER=builder -e KBUILD_BUILD_HOST=builder -e KBUILD_BUILD_VERSION=1 \
  -e PAYLOAD="$payload" -e JOBS="$jobs" -e DIST="$dist" "$image" /bin/bash -c "$typed")
out=$(mktemp -d)
trap 'docker rm -f "$id" >/dev/null; rm -rf "$out"' EXIT
docker cp "$srpm" "$id:/home/builder/in.src.rpm" >/dev/null 2>&1
docker start -a "$id" >"$out/log" 2>&1 || {
  tail -n 20 "$out/log" >&2
  exit 1
}
docker cp "$id:/home/builder/out/." "$out" >/dev/null 2>&1
(cd "$out" && sha256sum ./*.rpm)
