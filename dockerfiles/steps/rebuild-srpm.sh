#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Rebuilds a source package. The same package, image and settings give the same bytes, whatever ccache already knows.
#
# Settings  SOURCE_DATE_EPOCH  seconds
#           JOBS               how many compilers at once (optional; default: all processors)
#           BUILD_DIR          optional, default /build; a tmpfs may be mounted there (needs exec, and for a kernel 4 GB).
#                              The build's own directory is always $BUILD_DIR/rpmbuild: paths end up in kernel-devel.
#           CCACHE_DIR         optional: a writable directory turns ccache on
#           DEPS_ROOT          optional, default $BUILD_DIR/deps: where /in/deps is unpacked; the spec sees it as %{deps_root}
#           RPM_DEFINES        optional, one "name value" per line
#           RPM_WITH           optional switches, for example "--without debug --with firmware"
#           CONFIG_FINAL       optional glob below %_builddir: the configuration that was built
#           CONFIG_WANTED      optional glob below %_builddir: the configuration that was asked for
#           MODULES            optional; "signed": every module of the package "kernel" must carry RHEL's signature note
# Inputs    /in/srpm/<one>.src.rpm  /in/deps/*.rpm (optional)
# Outputs   /out/RPMS/*.rpm  /out/config/final.config  /out/config/wanted.config
# Facts     phase=prep|compile|check|package|collect, compiled=, objects=, ccache_hits=, ccache_misses=, ccache_direct=, modules=,
#           signed_modules=, rpm=<name> each, and what the spec prints
# Exit      10 the error that the spec reported itself, patch-rejected (after blocks of @@factory reject=<patch>:<file> ...
#           @@factory reject-end, printed by the spec or here), config-unanswered, modules-not-signed, unpackaged-files,
#           files-missing, rpmbuild-failed; 11 no-config, 12 srpm-unreadable, 13 modules-not-signed, 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh
# shellcheck source=dockerfiles/steps/lib-patch.sh
. /step/lib-patch.sh

: "${SOURCE_DATE_EPOCH:?}"
srpm=$(only_file /in/srpm '*.src.rpm')
case ${MODULES:-} in '' | signed) ;; *) die 64 step-usage "MODULES is $MODULES, not \"signed\"" ;; esac
build=${BUILD_DIR:-/build}
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN)}
top=$build/rpmbuild
deps=${DEPS_ROOT:-$build/deps}
mkdir -p "$top"/{BUILD,BUILDROOT,RPMS,SOURCES,SPECS,SRPMS} "$deps"

# Everything that would otherwise bring in the time, the machine or chance.
export SOURCE_DATE_EPOCH PERL_HASH_SEED=0 PYTHONHASHSEED=0
KBUILD_BUILD_TIMESTAMP=$(date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %e %H:%M:%S UTC %Y')
export KBUILD_BUILD_TIMESTAMP KBUILD_BUILD_USER=builder KBUILD_BUILD_HOST=builder KBUILD_BUILD_VERSION=1
unset MAKEFLAGS CFLAGS LDFLAGS

if [ -n "${CCACHE_DIR:-}" ]; then
  [ -w "$CCACHE_DIR" ] || die 64 step-usage "CCACHE_DIR $CCACHE_DIR is not writable"
  for wrappers in /usr/lib/ccache /usr/lib64/ccache; do
    if [ -d $wrappers ]; then PATH=$wrappers:$PATH; fi
  done
  # The content of the compiler decides, not its time stamp: an image that is made again keeps the cache warm.
  export PATH CCACHE_DIR CCACHE_COMPILERCHECK=content CCACHE_BASEDIR="$build" CCACHE_MAXSIZE="${CCACHE_MAXSIZE:-2G}"
  # A log of our own: the cache's counters are shared with whoever else uses it. (Before ccache 4 there are only those.)
  export CCACHE_STATSLOG=$build/ccache.log
  : >"$CCACHE_STATSLOG"
fi

for rpm in /in/deps/*.rpm; do
  [ -e "$rpm" ] || continue
  (cd "$deps" && rpm2cpio "$rpm" | cpio -idmu --quiet --no-absolute-filenames) ||
    die 12 srpm-unreadable "${rpm##*/} cannot be unpacked"
done

rpm2cpio "$srpm" | cpio -t --quiet | sed 's#^\./##' >"$top/list" || die 12 srpm-unreadable "${srpm##*/} cannot be read"
odd=$(grep -E '/|^\.\.?$' "$top/list" | head -n 1 || true)
[ -z "$odd" ] || die 12 srpm-unreadable "${srpm##*/} holds a path: $odd"
(cd "$top/SOURCES" && rpm2cpio "$srpm" | cpio -idm --quiet --no-absolute-filenames)
mv "$top"/SOURCES/*.spec "$top/SPECS/"
specs=("$top"/SPECS/*.spec)
[ ${#specs[@]} -eq 1 ] || die 12 srpm-unreadable "${srpm##*/} holds ${#specs[@]} spec files"

payload=w6.xzdio
if [ -f /etc/debian_version ]; then payload=w6T2.xzdio; fi
defines=(
  --define "_topdir $top"
  --define "_builddir $top/BUILD"
  --define "_buildrootdir $top/BUILDROOT"
  --define "_buildshell /bin/bash"
  --define "_buildhost builder"
  --define "use_source_date_epoch_as_buildtime 1"
  --define "clamp_mtime_to_source_date_epoch 1"
  --define "_build_id_links none"
  --define "_binary_filedigest_algorithm 8"
  # Two threads, whatever the machine has: their number decides how the payload is cut into blocks. (An rpm without threads,
  # as EL6's, would refuse the T.)
  --define "_binary_payload $payload"
  --define "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"
  --define "_smp_mflags -j$jobs"
  --define "deps_root $deps"
)
while read -r name value; do
  [ -z "$name" ] || defines+=(--define "$name $value")
done <<<"${RPM_DEFINES:-}"
read -r -a with <<<"${RPM_WITH:-}"
# Debian's rpm database knows nothing of what is installed, so BuildRequires cannot be checked against it.
if [ -f /etc/debian_version ]; then with+=(--nodeps); fi
# The container goes away as a whole: deleting a kernel tree first takes longer than packing it.
if rpmbuild --help 2>&1 | grep -e --noclean >/dev/null; then with+=(--noclean); fi

# progress: tells how many objects there are, for builds that print nothing per object. It says nothing while nothing happens,
# so that a build that hangs is still noticed by its silence.
progress() {
  local count last=0
  while sleep 5; do
    if [ -s "${CCACHE_STATSLOG:-}" ]; then
      count=$(grep -c -x -E 'cache_miss|direct_cache_hit|preprocessed_cache_hit' "$CCACHE_STATSLOG" || true)
    else
      # No ccache, or one before version 4: look, but not too often.
      sleep 15
      count=$(find "$top/BUILD" -name '*.o' -type f | wc -l)
    fi
    [ "$count" -eq "$last" ] || echo "@@factory compiled=$count"
    last=$count
  done
}
progress &
watcher=$!

# One run for all: a short-circuited one would leave a mark in the packages. Its headings tell the phases.
code=0
rpmbuild -bb "${defines[@]}" ${with[@]+"${with[@]}"} "${specs[0]}" 2>&1 </dev/null | sed -u \
  -e '/^Executing(%prep)/i @@factory phase=prep' \
  -e '/^Executing(%build)/i @@factory phase=compile' \
  -e '/^Executing(%check)/i @@factory phase=check' \
  -e '/^Executing(%install)/i @@factory phase=package' | tee "$top/log" || code=$?

kill $watcher
objects=$(find "$top/BUILD" -name '*.o' -type f | wc -l)
echo "@@factory objects=$objects"
if [ -n "${CCACHE_DIR:-}" ]; then
  awk '
    $1 == "direct_cache_hit" {direct++}
    $1 == "preprocessed_cache_hit" {preprocessed++}
    $1 == "cache_miss" {misses++}
    END {
      print "@@factory ccache_hits=" direct + preprocessed
      print "@@factory ccache_direct=" direct + 0
      print "@@factory ccache_misses=" misses + 0
    }' "$CCACHE_STATSLOG"
fi
# explain: why rpmbuild failed, from its log; ends the step.
explain() {
  local reason patch='' symbols files
  # What the spec itself said is the better reason.
  reason=$(grep '^@@factory error=' "$top/log" | tail -n 1 || true)
  if [ -n "$reason" ]; then
    printf '%s\n' "$reason" >&2
    exit 10
  fi

  if grep -E '^error: Bad exit status .*\(%prep\)' "$top/log" >/dev/null; then
    # The shell's trace tells which patch was the last: RHEL's spec says nothing else of it.
    patch=$(sed -n -E 's/^\++ Apply(Optional)?Patch ([^ ]+).*/\2/p; s/^Patch #[0-9]+ \(([^)]+)\):$/\1/p' "$top/log" | tail -n 1)
  fi
  if [ -n "$patch" ] && [ -f "$top/SOURCES/$patch" ]; then
    grep '^@@factory reject=' "$top/log" >/dev/null || report_rejects "$top/SOURCES/$patch" "$top/BUILD" "$top/list"
    # shellcheck disable=SC2154 # set by report_rejects
    if [ "${rejected:-0}" -gt 0 ]; then
      die 10 patch-rejected "$patch does not apply to $rejected of its files; $rejected_advice"
    fi
    if awk -v patch="$patch" 'index($0, patch) {bad = 0} /^[0-9]+ out of [0-9]+ hunks? (FAILED|ignored)/ {bad = 1} END {exit !bad}' "$top/log"; then
      die 10 patch-rejected "$patch does not apply: it changes a file that is not there"
    fi
  fi

  # RHEL's kconfig names symbols without a value, each alone on a line, and fails.
  if grep -E '\*\*\* \[.*nonint_oldconfig\] Error' "$top/log" >/dev/null; then
    symbols=$(awk '/^\++ make .*nonint_oldconfig/ {delete found; n = 0} /^CONFIG_[A-Za-z0-9_]+$/ {found[n++] = $0} END {for (i = 0; i < n; i++) print found[i]}' \
      "$top/log" | some)
    [ -z "$symbols" ] || die 10 config-unanswered "$symbols"
  fi
  if grep -x 'ERROR: modules are NOT signed' "$top/log" >/dev/null; then
    die 10 modules-not-signed "the spec found its first module without a signature"
  fi
  files=$(awk '/Installed \(but unpackaged\) file\(s\) found:/ {in_list = 1; next} in_list && /^ +\// {sub(/^ +/, ""); print; next} {in_list = 0}' \
    "$top/log" | sort -u | some)
  [ -z "$files" ] || die 10 unpackaged-files "$files"
  files=$(sed -n -E 's/^(error:)? *(File|Directory) not found( by glob)?: *//p' "$top/log" | sed -E 's#^.*/BUILDROOT/[^/]*##' | sort -u | some)
  [ -z "$files" ] || die 10 files-missing "$files"
  files=$(sed -n -E 's/^\t(.*) is needed by .*/\1/p' "$top/log" | sort -u | paste -s -d , - | sed 's/,/, /g')
  [ -z "$files" ] || die 10 rpmbuild-failed "the builder lacks what ${srpm##*/} needs: $files"
  if grep -F 'No space left on device' "$top/log" >/dev/null; then
    die 10 tree-full "$(df -h "$build" | awk 'END {print $2 " in all, " $3 " used, " $4 " free"}')"
  fi
  # check-kabi ends with one of these two lines (scripts of RHEL's spec, left out with --without kabichk).
  if grep -E '^\*\*\* ERROR - ABI BREAKAGE WAS DETECTED' "$top/log" >/dev/null; then
    die 10 kabi-broken "the patches change symbols that the kernel ABI list pins"
  fi
  # What the compiler said first, or the innermost make; else the last complaint before the end, but for banners (****), the
  # shell's trace, and what firmware_install always says.
  reason=$(grep -E '^[^+ :][^ :]*:[0-9]+(:[0-9]+)?: (fatal )?error: ' "$top/log" | head -n 1 || true)
  [ -n "$reason" ] || reason=$(grep -E '^make(\[[0-9]+\])?: \*\*\* \[' "$top/log" | head -n 1 || true)
  [ -n "$reason" ] || reason=$(grep -E '^error:|\*\*\* ' "$top/log" |
    grep -v -E '^\+|\*\*\*\*|You have not yet configured|Waiting for unfinished|^error: Bad exit status' | tail -n 1 || true)
  [ -n "$reason" ] || reason=$(grep -E '^error:' "$top/log" | head -n 1 || true)
  die 10 rpmbuild-failed "rpmbuild -bb of ${srpm##*/} ended with $code: $reason"
}
[ $code -eq 0 ] || explain

echo "@@factory phase=collect"
# keep NAME GLOB: the one file below %_builddir that matches.
keep() {
  local files
  # shellcheck disable=SC2206 # a glob on purpose
  files=("$top"/BUILD/$2)
  if [ ${#files[@]} -ne 1 ] || [ ! -f "${files[0]}" ]; then
    die 11 no-config "$2 matches ${#files[@]} files below %_builddir, or none"
  fi
  mkdir -p /out/config
  cat "${files[0]}" >"/out/config/$1"
}
if [ -n "${CONFIG_FINAL:-}" ]; then keep final.config "$CONFIG_FINAL"; fi
if [ -n "${CONFIG_WANTED:-}" ]; then keep wanted.config "$CONFIG_WANTED"; fi

mkdir -p /out/RPMS
find "$top/RPMS" -name '*.rpm' -exec mv {} /out/RPMS/ \;
for rpm in /out/RPMS/*.rpm; do
  [ -e "$rpm" ] || die 10 rpmbuild-failed "rpmbuild of ${srpm##*/} made no package"
  echo "@@factory rpm=${rpm##*/}"
done

# check_modules: of the package that is named exactly "kernel", every module must have the note that its loader looks for.
check_modules() {
  local rpm kernel='' module total=0 signed=0 first=''
  for rpm in /out/RPMS/*.rpm; do
    if [ "$(rpm -qp --nosignature --nodigest --qf '%{NAME}' "$rpm")" = kernel ]; then kernel=$rpm; fi
  done
  [ -n "$kernel" ] || die 13 modules-not-signed "no package is named kernel"
  mkdir "$top/modules"
  (cd "$top/modules" && rpm2cpio "$kernel" | cpio -id --quiet --no-absolute-filenames '*.ko')
  while IFS= read -r module; do
    total=$((total + 1))
    if readelf -W -S "$module" 2>/dev/null | grep -F ' .note.module.sig ' >/dev/null; then
      signed=$((signed + 1))
    else
      first=${first:-${module#"$top/modules/."}}
    fi
  done < <(find "$top/modules/." -name '*.ko' | sort)
  echo "@@factory modules=$total"
  echo "@@factory signed_modules=$signed"
  [ "$total" -gt 0 ] || die 13 modules-not-signed "${kernel##*/} holds no module"
  [ "$signed" -eq "$total" ] || die 13 modules-not-signed "$((total - signed)) of $total, first $first"
}
if [ "${MODULES:-}" = signed ]; then check_modules; fi
