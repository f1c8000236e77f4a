#!/usr/bin/env bash
# The bare alternative of the benchmark: what somebody would type to rebuild a kernel SRPM in the builder image, with the same
# compiler cache, tmpfs, job count and settings, and without anything of the factory around it.
#
#   by-hand.sh IMAGE SRPM CCACHE_VOLUME EPOCH DIST JOBS TMPFS_BYTES
set -euo pipefail
image=$1 srpm=$2 ccache=$3 epoch=$4 dist=$5 jobs=$6 size=$7
id=$(docker create --network none --user 1000:1000 --hostname builder --cap-drop ALL \
  --tmpfs "/build:exec,size=$size,uid=1000" -v "$ccache:/ccache" \
  -e HOME=/home/builder -e CCACHE_DIR=/ccache -e CCACHE_COMPILERCHECK=content -e CCACHE_BASEDIR=/build \
  -e CCACHE_SLOPPINESS=time_macros -e CCACHE_MAXSIZE=2G -e SOURCE_DATE_EPOCH="$epoch" -e LC_ALL=C -e TZ=UTC -e PERL_HASH_SEED=0 \
  -e KBUILD_BUILD_USER=builder -e KBUILD_BUILD_HOST=builder -e KBUILD_BUILD_VERSION=1 \
  "$image" /bin/bash -c "
    set -e
    export PATH=/usr/lib/ccache:\$PATH KBUILD_BUILD_TIMESTAMP=\"\$(date -u -d @$epoch '+%a %b %e %H:%M:%S UTC %Y')\"
    mkdir -p /build/rpmbuild/BUILDROOT
    rpmbuild --rebuild --nodeps --noclean --define '_topdir /build/rpmbuild' --define 'dist $dist' --define '_smp_mflags -j$jobs' \
      --define '_buildshell /bin/bash' --define '_buildhost builder' --define '_binary_payload w6.xzdio' --define '_build_id_links none' \
      --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' /home/builder/in.src.rpm
    cp /build/rpmbuild/RPMS/*/*.rpm /home/builder/")
trap 'docker rm -f "$id" >/dev/null' EXIT
docker cp "$srpm" "$id:/home/builder/in.src.rpm" >/dev/null 2>&1
docker start -a "$id" >/dev/null 2>&1
out=$(mktemp -d)
docker cp "$id:/home/builder/." "$out" >/dev/null 2>&1
(cd "$out" && sha256sum ./*.x86_64.rpm)
rm -rf "$out"
