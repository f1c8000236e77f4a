#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the install.sh of every Debian image does alike; read by it (`.`), as root in a RUN line.
#
# Settings  FTP_PROXY  "<debian mirror URL>,<debian-security mirror URL>". The name is odd on purpose: it is one of Docker's
#                      predefined build arguments, which stay out of `docker history`, of the image and of the cache key.
#                      Without it: what the base image's own apt configuration names.
# Inputs    packages.lock beside this script, optional: `name architecture version` per line; then install_packages installs
#           exactly these versions. For each that the archive no longer has: "@@factory gone=<name> <version> <version there is>".
# Gives     $private, a directory that is gone at the end; apt; install_packages; finish_image
# Exit      10 no-archive, 11 locked-version-gone
# Leaves no mirror name: not in files, not in the output.
umask 022
export LC_ALL=C TZ=UTC DEBIAN_FRONTEND=noninteractive

mirrors=${FTP_PROXY:-}
unset FTP_PROXY ftp_proxy
main=${mirrors%%,*}
security=${mirrors#*,}

literal() { printf '%s' "$1" | sed -E 's#[][\.*^$+?(){}|/]#\\&#g'; }
# Replaces the mirrors' hosts and all addresses in what passes through.
hide_hosts() {
  local url host script=''
  for url in $main $security; do
    host=${url#*://}
    host=${host%%/*}
    host=${host##*@}
    script+="s|$(literal "$host")|MIRROR|g;s|$(literal "${host%%:*}")|MIRROR|g;"
  done
  sed -u -E "$script"'s#([a-z+]+://)[^/ ]+#\1MIRROR#g;s#\[IP: [^]]*\]#[IP]#g;s#\(([0-9]{1,3}\.){3}[0-9]{1,3}\)#(IP)#g'
}

private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
mkdir -p "$private"/lists/partial "$private"/archives/partial "$private"/log
options=(
  -o Dir::State::lists="$private/lists" -o Dir::Cache::archives="$private/archives"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Dir::Log="$private/log"
)
if [ -n "$mirrors" ]; then
  printf 'deb %s %s main\n' "$main" bookworm "$main" bookworm-updates "$security" bookworm-security >"$private/sources.list"
  options+=(-o Dir::Etc::sourcelist="$private/sources.list" -o Dir::Etc::sourceparts=-)
elif ! grep -rqE '^(deb |URIs:)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null; then
  echo "@@factory error=no-archive detail=the base image names no apt archive, and none was given" >&2
  exit 10
fi

apt() {
  apt-get "${options[@]}" \
    -o APT::Update::Error-Mode=any -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Sandbox::User=root \
    -o Dpkg::Use-Pty=0 "$@" 2>&1 | hide_hosts
}

# shellcheck disable=SC2016 # dpkg-query's own variables
package_set() { dpkg-query -W -f '${Package} ${Architecture} ${Version}\n' | sort; }

# What the lock names and is not installed yet, as apt takes it; the rest of the lock is in the base image already.
locked() {
  local native name architecture version offered gone=0
  native=$(dpkg --print-architecture)
  package_set >"$private/installed"
  sort "$lock" | comm -23 - "$private/installed" >"$private/wanted"
  awk '{print $1}' "$private/wanted" | xargs -r apt-cache "${options[@]}" madison |
    awk -F'|' '{gsub(/ /, ""); print $1, $2}' >"$private/there"
  while read -r name architecture version; do
    if ! grep -qxF -- "$name $version" "$private/there"; then
      offered=$(awk -v name="$name" '$1 == name && !seen++ {print $2}' "$private/there")
      echo "@@factory gone=$name $version $offered"
      gone=$((gone + 1))
    fi
    case $architecture in
      all | "$native") wanted+=("$name=$version") ;;
      *) wanted+=("$name:$architecture=$version") ;;
    esac
  done <"$private/wanted"
  if [ $gone -gt 0 ]; then
    echo "@@factory error=locked-version-gone detail=the archive no longer has $gone of the locked packages"
    exit 11
  fi
}

# install_packages NAME…: these, or what the lock says; everything else as new as the archive has it.
install_packages() {
  # No manuals, no translations, no changelogs in the image.
  printf 'path-exclude=/usr/share/%s/*\n' doc man info locale >/etc/dpkg/dpkg.cfg.d/lean
  apt -q update
  lock=/usr/share/fullnat-factory/packages.lock
  if [ -f $lock ]; then
    wanted=()
    locked
    apt -q -y --no-install-recommends --allow-downgrades install ${wanted[@]+"${wanted[@]}"}
    rm $lock
  else
    apt -q -y --no-install-recommends dist-upgrade
    apt -q -y --no-install-recommends install "$@"
  fi
}

# finish_image: writes down the exact package set and clears away what depends on the day.
finish_image() {
  mkdir -p /usr/share/fullnat-factory
  package_set >/usr/share/fullnat-factory/packages.txt
  echo "@@factory packages=$(wc -l </usr/share/fullnat-factory/packages.txt)"
  rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/cache/ldconfig/aux-cache /var/log/* /tmp/* /root/.gnupg
  mkdir -p /var/lib/apt/lists/partial /var/cache/apt/archives/partial
}
