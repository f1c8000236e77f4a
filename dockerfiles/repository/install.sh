#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fills the image that serves a published recipe. Runs once as root, in the RUN line of the Dockerfile beside it.
#
# Settings  FTP_PROXY, packages.lock: see ../common/debian-packages.sh
# Leaves    Debian's nginx, without its example site and its modules; user web (uid and gid 1000), who owns nothing;
#           /usr/share/fullnat-factory/packages.txt with the exact package set.
set -euo pipefail
# shellcheck source=dockerfiles/common/debian-packages.sh
. /usr/share/fullnat-factory/debian-packages.sh

packages=(nginx)
install_packages "${packages[@]}"

groupadd -g 1000 web
useradd -u 1000 -g 1000 -M -d /nonexistent -s /usr/sbin/nologin web

# Only our configuration. nginx wants the folders of bodies and answers that it would keep in files; it keeps none.
rm -rf /etc/nginx/sites-available /etc/nginx/sites-enabled /etc/nginx/modules-enabled /etc/nginx/conf.d /var/www
install -m 0644 /usr/share/fullnat-factory/nginx.conf /etc/nginx/nginx.conf
rm /usr/share/fullnat-factory/nginx.conf
mkdir -p /var/lib/nginx/{body,proxy,fastcgi,uwsgi,scgi} /srv/repository /etc/nginx/repository

finish_image
