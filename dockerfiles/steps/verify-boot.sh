#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Boots what verify-install.sh installed: a client, a director and two real servers, as virtual machines of QEMU between which
# there are two segments and nothing else. Sends real traffic through the director and writes down what was seen. Needs no
# network, no privileges and no device of the host: everything is emulated (a /dev/kvm that can be opened need not work).
#
# Inputs    /in/settings.json          how and what: pipeline/plan/boot.ts, with recipe, snapshot and the kernels' releases
#           /in/rootfs-<side>.tar      by verify-install-rootfs.sh, for director and backend
# Outputs   /out/verify-boot.json      the checks, and what was booted with what; see docs/proof.md
#           /out/verify-boot-connection.txt          one connection, packet by packet, on both segments
#           /out/verify-boot-console-<guest>.txt.gz  what the kernels said
# Exit      0 whether the checks passed or not: that stands in verify-boot.json.  12 proof-failed: no account could be given.
#
# Parts     verify_boot.py            the whole, and its account       verify_boot_lab.py       machines and segments
#           verify_boot_phases.py     what is done and looked at       verify_boot_machines.py  root file systems of the guests
#           verify_boot_checks.py     outcomes                         verify_boot_archive.py   cpio archives
#           verify_boot_traffic.py    requests, and the logs of them   verify_boot_guest.py     one machine
#           verify_boot_setup.py      addresses, services              verify_boot_capture.py   packets
#           verify_boot_stress.py     modules coming and going         verify_boot_client.py    runs in the client
#           verify-boot-init.sh       first process of a guest
set -euo pipefail
# shellcheck source=dockerfiles/steps/lib.sh
. /step/lib.sh

for file in settings.json rootfs-director.tar rootfs-backend.tar; do
  [ -f "/in/$file" ] || die 64 step-usage "/in/$file does not exist"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -B /step/verify_boot.py "$work" || die 12 proof-failed "the script that boots ended with exit code $?; see above"
