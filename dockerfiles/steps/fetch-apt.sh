#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fetches one file from a Debian archive, trusting only what the signed index says. Runs as root in the Debian base image
# with network; the only step script that uses the network.
#
# Settings  APT_KIND     binary | source
#           APT_PACKAGE  package name
#           APT_VERSION  exact version (optional; otherwise apt's candidate)
#           APT_FILE     kind source: glob for the one wanted file, for example ipvsadm_*.orig.tar.*
# Inputs    /in/sources.list  optional; one-line format, only its deb lines are used, for sources as deb-src. May name a private
#                             mirror: no host is ever printed. Without it: what the image's own apt configuration names.
# Facts     offered=<version>, when APT_VERSION is gone: the version that would be taken without it
# Outputs   /out/<file>  /out/info.json {package, version, upstreamVersion, file, sha256, size, kind}
# Exit      10 apt-unreachable, 11 apt-unsigned, 12 apt-version-gone, 13 apt-no-package, 14 apt-no-file, 15 apt-download,
#           64 usage; the last line on standard error is "@@factory error=<code> detail=<text>".
set -euo pipefail

die() {
  local status=$1 code=$2
  shift 2
  # One line, whatever apt said.
  printf '@@factory error=%s detail=%s\n' "$code" "$(printf '%s' "$*" | head -n 1)" | hide_hosts >&2
  exit "$status"
}
literal() { printf '%s' "$1" | sed -E 's#[][\.*^$+?(){}|/]#\\&#g'; }

hide=''
while read -r word; do
  host=${word#*://}
  host=${host%%/*}
  hide+="s|$(literal "$host")|MIRROR|g;"
  host=${host##*@}
  hide+="s|$(literal "$host")|MIRROR|g;s|$(literal "${host%%:*}")|MIRROR|g;"
done < <(if [ -f /in/sources.list ]; then tr -s '[:blank:]' '\n' </in/sources.list | grep '://' | sort -u; fi)
for proxy in "${http_proxy:-}" "${https_proxy:-}" "${HTTP_PROXY:-}" "${HTTPS_PROXY:-}"; do
  host=${proxy#*://}
  host=${host##*@}
  host=${host%%/*}
  [ -z "$host" ] || hide+="s|$(literal "${host%%:*}")|PROXY|g;"
done
# Replaces every host and every address in what passes through.
hide_hosts() {
  sed -u -E "$hide"'s#([a-z+]+://)[^/ ]+#\1MIRROR#g;s#\[IP: [^]]*\]#[IP]#g;s#\(([0-9]{1,3}\.){3}[0-9]{1,3}\)#(IP)#g'
}

case ${APT_KIND:-} in
  binary) ;;
  source) [ -n "${APT_FILE:-}" ] || die 64 step-usage "APT_FILE is not set" ;;
  *) die 64 step-usage "APT_KIND must be binary or source" ;;
esac
[ -n "${APT_PACKAGE:-}" ] || die 64 step-usage "APT_PACKAGE is not set"
version=${APT_VERSION:-}

echo "@@factory phase=index"
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state"/lists/partial "$state"/cache/archives/partial "$state"/log
: >"$state/status"
mkdir "$state/parts"
: >"$state/sources.list"
if [ -f /in/sources.list ]; then
  grep -E '^deb[[:space:]]' /in/sources.list >"$state/sources.list" || true
else
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    if [ -f "$list" ]; then grep -E '^deb[[:space:]]' "$list" >>"$state/sources.list" || true; fi
  done
  for list in /etc/apt/sources.list.d/*.sources; do
    if [ -f "$list" ]; then cp "$list" "$state/parts/"; fi
  done
fi
if [ "$APT_KIND" = source ]; then
  sed -i -E 's/^deb[[:space:]]/deb-src /' "$state/sources.list"
  find "$state/parts" -name '*.sources' -exec sed -i -E 's/^Types:.*/Types: deb-src/' {} +
fi
if [ ! -s "$state/sources.list" ] && [ -z "$(ls "$state/parts")" ]; then
  die 64 step-usage "neither /in/sources.list nor the image names an archive"
fi

cat >"$state/apt.conf" <<CONF
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "$state/parts";
Dir::State "$state";
Dir::State::status "$state/status";
Dir::State::lists "$state/lists";
Dir::Cache "$state/cache";
Dir::Log "$state/log";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
CONF
export APT_CONFIG=$state/apt.conf

if ! apt-get -q update >"$state/update.log" 2>&1; then
  hide_hosts <"$state/update.log"
  # A repository without a Release file is one that is not there; one that has it without a good signature is not trusted.
  unsigned=$(grep -E "is not signed|is no longer signed|NO_PUBKEY|BADSIG|EXPKEYSIG|REVKEYSIG|signatures? (couldn't|could not) be verified|signatures (were|was) invalid|Clearsigned file|InRelease.* is (expired|not valid)|Release file .* (expired|not valid)" "$state/update.log" | head -n 1 || true)
  [ -z "$unsigned" ] || die 11 apt-unsigned "$unsigned"
  die 10 apt-unreachable "$(grep -E '^E: ' "$state/update.log" || grep -E '^(Err|W): ?' "$state/update.log" || echo 'apt-get update failed')"
fi
hide_hosts <"$state/update.log"
# Every suite asked for has to be there: apt is content with fewer when an index is merely empty.
[ -n "$(find "$state/lists" -maxdepth 1 -name '*InRelease' -o -maxdepth 1 -name '*Release.gpg')" ] ||
  die 11 apt-unsigned "no signed index was received"

echo "@@factory phase=download"
cd "$state"
newest() {
  if [ "$APT_KIND" = binary ]; then
    apt-cache policy "$APT_PACKAGE" | awk '$1 == "Candidate:" {print $2}'
  else
    printf '%s\n' "$versions" | sort -V | tail -n 1
  fi
}
if [ "$APT_KIND" = binary ]; then
  versions=$(apt-cache madison "$APT_PACKAGE" | awk -F'|' '{gsub(/ /, "", $2); print $2}' | uniq)
else
  versions=$(apt-cache showsrc --only-source "$APT_PACKAGE" 2>/dev/null | awk '$1 == "Version:" {print $2}' | uniq)
fi
[ -n "$versions" ] || die 13 apt-no-package "the archive has no $APT_KIND package $APT_PACKAGE"
if [ -n "$version" ] && ! printf '%s\n' "$versions" | grep -xF -- "$version" >/dev/null; then
  echo "@@factory offered=$(newest)"
  die 12 apt-version-gone "$APT_PACKAGE $version is not in the archive; there is: ${versions//$'\n'/ }"
fi

[ -n "$version" ] || version=$(newest)
if [ "$APT_KIND" = binary ]; then
  want=$(apt-cache show "$APT_PACKAGE=$version" | awk '$1 == "SHA256:" && !seen++ {print $2}')
  apt-get -q download "$APT_PACKAGE=$version" 2>&1 | hide_hosts ||
    die 15 apt-download "$APT_PACKAGE $version could not be downloaded"
  # The name on disk has its epoch escaped; give back the name in the pool, which has none.
  found=$(find . -maxdepth 1 -name '*.deb')
  file=$(basename "$(apt-cache show "$APT_PACKAGE=$version" | awk '$1 == "Filename:" && !seen++ {print $2}')")
  mv "$found" "/out/$file"
else
  apt-get -q source --only-source --download-only --print-uris "$APT_PACKAGE=$version" >uris 2>errors || {
    hide_hosts <errors
    die 15 apt-download "apt names no files for $APT_PACKAGE $version"
  }
  # Lines: 'URI' name size SHA256:digest
  names='' match=''
  while read -r uri name _ hash; do
    case $uri in \'*) ;; *) continue ;; esac
    names+=" $name"
    # shellcheck disable=SC2053,SC2254 # a glob on purpose
    case $name in
      *.asc) ;;
      $APT_FILE)
        [ -z "$match" ] || die 14 apt-no-file "$APT_FILE matches more than one file of $APT_PACKAGE $version:$names"
        match=$name
        match_uri=${uri//\'/}
        match_hash=$hash
        ;;
    esac
  done <uris
  [ -n "$match" ] || die 14 apt-no-file "$APT_FILE matches no file of $APT_PACKAGE $version:$names"
  file=$match
  case $match_hash in
    SHA256:*) want=${match_hash#SHA256:} ;;
    *) want=$(apt-cache showsrc --only-source "$APT_PACKAGE" | awk -v v="$version" -v f="$file" '
         /^$/ {ours = 0; sums = 0}
         $1 == "Version:" {ours = ($2 == v)}
         /^Checksums-Sha256:/ {sums = 1; next}
         /^[A-Z]/ {sums = 0}
         sums && ours && $3 == f && !seen++ {print $1}') ;;
  esac
  [ -n "$want" ] || die 11 apt-unsigned "the index has no SHA256 for $file"
  /usr/lib/apt/apt-helper -q download-file "$match_uri" "/out/$file" "SHA256:$want" 2>&1 | hide_hosts ||
    die 15 apt-download "$file of $APT_PACKAGE $version could not be downloaded"
fi

[ -s "/out/$file" ] || die 15 apt-download "$file of $APT_PACKAGE $version could not be downloaded"
digest=$(sha256sum <"/out/$file")
digest=${digest%% *}
[ "$digest" = "$want" ] || die 15 apt-download "$file has sha256 $digest, the signed index says $want"

# 1:2.2.7+dfsg-1~deb12u1 -> 2.2.7
upstream=${version#*:}
upstream=${upstream%-*}
upstream=$(printf '%s' "$upstream" | sed -E 's/[+~](dfsg|ds|repack|deb|really)[0-9a-z.+~]*$//')
printf '{"package":"%s","version":"%s","upstreamVersion":"%s","file":"%s","sha256":"%s","size":%s,"kind":"%s"}\n' \
  "$APT_PACKAGE" "$version" "$upstream" "$file" "$digest" "$(stat -c %s "/out/$file")" "$APT_KIND" >/out/info.json
cat /out/info.json
