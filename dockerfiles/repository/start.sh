#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Starts nginx and stops it gently: it takes SIGTERM, which engines send, for "at once", and would break running downloads.
# What it has written is then still on its way in the kernel, and would go with the container: that is waited for too, in all
# less than the ten seconds after which engines kill. Exit code: that of nginx, 0 after a stop.
set -u

end=0
# shellcheck disable=SC2317 # called by the trap
stop() {
  end=$(($(date +%s) + 9))
  kill -QUIT "$server" 2>/dev/null
}

# Whether a connection that nginx has closed still has something to send: FIN_WAIT1, LAST_ACK, CLOSING.
unsent() {
  while read -r _ _ _ state _; do
    case $state in 04 | 09 | 0B) return 0 ;; esac
  done </proc/net/tcp
  return 1
}

nginx -e stderr &
server=$!
trap stop TERM INT

# A signal ends `wait` early, with its own code.
wait "$server"
code=$?
while kill -0 "$server" 2>/dev/null; do
  wait "$server"
  code=$?
done
while [ "$(date +%s)" -lt "$end" ] && unsent; do sleep 0.1; done
exit "$code"
