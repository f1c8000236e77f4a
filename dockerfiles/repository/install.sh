#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fills the image that serves a published recipe. Runs once as root, in the RUN line of the Dockerfile beside it.
#
# Settings  FTP_PROXY  "<debian mirror URL>,<debian-security mirror URL>"; see ../debian-builder/install.sh for why that name.
# Leaves    Debian's nginx, without its example site and its modules; user web (uid and gid 1000), who owns nothing;
#           /usr/share/fullnat-factory/packages.txt with the exact package set.
# Inputs    packages.lock beside this script, optional: `name architecture version` per line; then exactly these versions are
#           installed. For each that the archive no longer has: "@@factory gone=<name> <version> <version there is>", exit 11.
# Leaves no mirror name: not in files, not in the output.
set -euo pipefail
umask 022
export LC_ALL=C TZ=UTC DEBIAN_FRONTEND=noninteractive

mirrors=${FTP_PROXY:-}
unset FTP_PROXY ftp_proxy
main=${mirrors%%,*}
security=${mirrors#*,}

packages=(nginx)

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
where=()
if [ -n "$mirrors" ]; then
  printf 'deb %s %s main\n' "$main" bookworm "$main" bookworm-updates "$security" bookworm-security >"$private/sources.list"
  where=(-o Dir::Etc::sourcelist="$private/sources.list" -o Dir::Etc::sourceparts=-)
elif ! grep -rqE '^(deb |URIs:)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null; then
  echo "@@factory error=no-archive detail=the base image names no apt archive, and none was given" >&2
  exit 10
fi

options=(
  "${where[@]}" -o Dir::State::lists="$private/lists" -o Dir::Cache::archives="$private/archives"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Dir::Log="$private/log"
)
apt() {
  apt-get "${options[@]}" \
    -o APT::Update::Error-Mode=any -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Sandbox::User=root \
    -o Dpkg::Use-Pty=0 "$@" 2>&1 | hide_hosts
}

# What the lock names and is not installed yet, as apt takes it; the rest of the lock is in the base image already.
locked() {
  local native name architecture version offered gone=0
  native=$(dpkg --print-architecture)
  # shellcheck disable=SC2016 # dpkg-query's own variables
  dpkg-query -W -f '${Package} ${Architecture} ${Version}\n' | sort >"$private/installed"
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

# No manuals, no translations, no changelogs in the image.
cat >/etc/dpkg/dpkg.cfg.d/lean <<'LEAN'
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
LEAN

apt -q update
lock=/usr/share/fullnat-factory/packages.lock
if [ -f $lock ]; then
  wanted=()
  locked
  apt -q -y --no-install-recommends --allow-downgrades install ${wanted[@]+"${wanted[@]}"}
  rm $lock
else
  apt -q -y --no-install-recommends dist-upgrade
  apt -q -y --no-install-recommends install "${packages[@]}"
fi

groupadd -g 1000 web
useradd -u 1000 -g 1000 -M -d /nonexistent -s /usr/sbin/nologin web

# Only our configuration. nginx wants the folders of bodies and answers that it would keep in files; it keeps none.
rm -rf /etc/nginx/sites-available /etc/nginx/sites-enabled /etc/nginx/modules-enabled /etc/nginx/conf.d /var/www
install -m 0644 /usr/share/fullnat-factory/nginx.conf /etc/nginx/nginx.conf
rm /usr/share/fullnat-factory/nginx.conf
mkdir -p /var/lib/nginx/{body,proxy,fastcgi,uwsgi,scgi} /srv/repository /etc/nginx/repository

mkdir -p /usr/share/fullnat-factory
# shellcheck disable=SC2016 # dpkg-query's own variables
dpkg-query -W -f '${Package} ${Architecture} ${Version}\n' | sort >/usr/share/fullnat-factory/packages.txt
echo "@@factory packages=$(wc -l </usr/share/fullnat-factory/packages.txt)"

rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/cache/ldconfig/aux-cache /var/log/* /tmp/* /root/.gnupg
mkdir -p /var/lib/apt/lists/partial /var/cache/apt/archives/partial
