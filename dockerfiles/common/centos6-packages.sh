#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the install.sh of both CentOS 6 images does alike; read by it (`.`), as root in a RUN line. (bash 4.1, coreutils 8.4.)
#
# Settings  FTP_PROXY   "vault=<base URL>": a mirror of http://vault.centos.org, which has 6.10/os/x86_64/ and so on below it. Without
#                       it, or with anything else (the Debian images get their mirrors under the same name): vault.centos.org
#                       itself. About the odd name see debian-packages.sh.
#           http_proxy  as usual
# Inputs    packages.lock beside this script, optional: `name architecture version` per line; then install_packages installs these
#           versions and updates nothing. What the archive does not have is missing afterwards; whoever made the lock compares.
# Gives     $private, a directory that is gone at the end; die; install_packages; finish_image
# Exit      10 vault-key-wrong, 11 vault-unreachable
# Leaves no mirror name: not in files, not in the output.
umask 022
export LC_ALL=C TZ=UTC

die() {
  local status=$1 code=$2
  shift 2
  echo "@@factory error=$code detail=$*" >&2
  exit "$status"
}

vault=http://vault.centos.org
mirror=''
case ${FTP_PROXY:-} in
  vault=http://* | vault=https://*)
    mirror=${FTP_PROXY#vault=}
    mirror=${mirror%/}
    ;;
esac
unset FTP_PROXY ftp_proxy

literal() { printf '%s' "$1" | sed -r 's#[][\.*^$+?(){}|/]#\\&#g'; }
# Replaces the mirror's host, and those of proxies, in what passes through.
hide_hosts() {
  local url host script=''
  for url in $mirror ${http_proxy:-} ${https_proxy:-} ${HTTP_PROXY:-} ${HTTPS_PROXY:-}; do
    host=${url#*://}
    host=${host%%/*}
    host=${host##*@}
    script="${script}s|$(literal "$host")|MIRROR|g;s|$(literal "${host%%:*}")|MIRROR|g;"
  done
  sed -u -r "$script"'s#([0-9]{1,3}\.){3}[0-9]{1,3}#IP#g'
}

private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT

# Metadata of the vault is not signed and comes by http (EL6's TLS is too old for many servers): what counts is the signature of
# each package, so the key has to be the right one.
key=/etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-6
fingerprint=C1DAC52D1664E8A4386DBA430946FCA2C105B9DE
[ -f $key ] || die 10 vault-key-wrong "the base image has no $key"
mkdir -m 700 "$private/gnupg"
gpg --homedir "$private/gnupg" --batch --quiet --import $key >/dev/null 2>&1 || true
found=$(gpg --homedir "$private/gnupg" --batch --with-colons --fingerprint 2>/dev/null | awk -F: '$1 == "fpr" {print $10}' | sort | tr '\n' ' ')
[ "$found" = "$fingerprint " ] || die 10 vault-key-wrong "$key holds ${found:-no key }instead of $fingerprint"
rpm --import $key

# repositories URL: the list that yum reads. The mirror list of CentOS 6 is switched off since it went out of support.
repositories() {
  local name
  for name in os updates extras; do
    # shellcheck disable=SC2016 # yum's own variable
    printf '[vault-%s]\nname=CentOS 6.10 %s\nbaseurl=%s/6.10/%s/$basearch/\nenabled=1\ngpgcheck=1\ngpgkey=file://%s\n\n' \
      "$name" "$name" "$1" "$name" "$key"
  done
}
rm -f /etc/yum.repos.d/*.repo
repositories "${mirror:-$vault}" >/etc/yum.repos.d/vault.repo

# yum of EL6 takes a database that lies in a lower layer of an overlay for damaged: bring it into this one.
find /var/lib/rpm -type f -exec touch {} +

# run YUM ARGUMENTS: all it says is shown without hosts, and kept.
run() {
  yum -y --disablerepo='*' --enablerepo='vault-*' --setopt=tsflags=nodocs --setopt=retries=3 --setopt=timeout=30 "$@" 2>&1 </dev/null | hide_hosts | tee "$private/yum.log"
}

# install_packages NAME…: these, everything updated, or what the lock says. $missing: which of the names there are not afterwards.
install_packages() {
  local lock steps wanted name arch version what names package
  # What the lock names, as yum takes it: it updates as well as installs; nothing else is updated then.
  lock=/usr/share/fullnat-factory/packages.lock
  steps=(makecache update install)
  wanted=("$@")
  if [ -f $lock ]; then
    steps=(makecache install)
    wanted=()
    while read -r name arch version; do
      case $version in
        *:*) wanted+=("$name-$version.$arch") ;;
        *) wanted+=("$name-0:$version.$arch") ;;
      esac
    done <$lock
  fi
  for what in "${steps[@]}"; do
    names=()
    if [ "$what" = install ]; then names=("${wanted[@]}"); fi
    run "$what" ${names[@]+"${names[@]}"} ||
      die 11 vault-unreachable "yum $what with the CentOS 6.10 archive: $(grep -iE 'errno|error|not signed|public key' "$private/yum.log" | tail -n 1)"
  done

  rm -f $lock

  # yum is content when one name of many is unknown.
  missing=''
  for package in "$@"; do rpm -q --quiet "$package" || missing="$missing $package"; done
}

# finish_image: writes down the exact package set and clears away what depends on the day.
finish_image() {
  # Nothing of a private mirror stays, and none of the dead lists that an update of centos-release brings back.
  rm -f /etc/yum.repos.d/*.repo
  repositories $vault >/etc/yum.repos.d/vault.repo
  yum clean all >/dev/null 2>&1 || true

  mkdir -p /usr/share/fullnat-factory
  # Older than the tag EVR.
  rpm -qa --qf '%{NAME} %{ARCH} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\n' | grep -v '^gpg-pubkey ' | sort \
    >/usr/share/fullnat-factory/packages.txt
  echo "@@factory packages=$(wc -l </usr/share/fullnat-factory/packages.txt)"

  rm -rf /var/cache/yum /var/lib/yum/history /var/lib/yum/yumdb /var/log/yum.log /tmp/* /root/.gnupg
}
