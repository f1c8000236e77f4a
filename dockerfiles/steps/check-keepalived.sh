#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Lets the published keepalived read configurations. Runs as root in the clean target image without network.
#
# Inputs    /in/keepalived.rpm          2.x: older ones have no -t
#           /in/hosts/<name>/           the files of a director as they lie on it
# Outputs   /out/checked                lines "<name>", in order
# Exit      14 config-rejected (the first one; what keepalived said is in the log), 64 usage.
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

[ -f /in/keepalived.rpm ] || die 64 step-usage "/in/keepalived.rpm does not exist"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Its libraries are in the image, by other names; no script of it runs.
rpm -i --nodeps --noscripts /in/keepalived.rpm
keepalived --version 2>&1 | sed -n 1p

for host in /in/hosts/*; do
  name=${host##*/}
  # keepalived looks at the programs that it is to call, where they will be.
  rm -rf /etc/fullnat
  cp -a "$host/etc/fullnat" /etc/fullnat
  code=0
  keepalived -t -f "$host/etc/keepalived/keepalived.conf" >"$work/said" 2>&1 || code=$?
  sed "s|^|$name: |" "$work/said"
  # Some findings are only told, with exit code 0; nothing is said about a configuration that is right.
  if [ "$code" -ne 0 ] || [ -s "$work/said" ]; then
    die 14 config-rejected "$name: exit code $code: $(head -n 1 "$work/said")"
  fi
  echo "$name" >>/out/checked
done
