#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Whether the server answers and has its pointer: exit code 0 or 1. Bash speaks to the port itself; there is no client in the
# image.
set -u

exec 3<>/dev/tcp/127.0.0.1/8080 || exit 1
printf 'HEAD /-/health HTTP/1.0\r\n\r\n' >&3
read -r -t 4 _ status _ <&3
[ "${status:-}" = 200 ]
